// What files say of tasks for which there is no field here yet: kept in `extra` where it is a text,
// and noted.
import type { Note, TaskItem } from './row.ts'
import { note } from './values.ts'

type Kept = { readonly extra: Record<string, string>; readonly notes: Note[] }

/** The item without what cannot be stored. */
export const withoutSeams = (item: TaskItem, notes: Note[]): TaskItem => {
  const kept: Kept = { extra: { ...item.extra }, notes }
  const aside = (field: string, value: string | null): void => {
    if (value === null || value === '') return
    kept.extra[field] ??= value
    kept.notes.push(
      note('kept_in_extra', field, 'Tasks have no such field here yet; extra has it.'),
    )
  }
  const left = (field: string, count: number): void => {
    if (count > 0)
      kept.notes.push(
        note('not_supported', field, `Tasks have no such field here yet: ${count} left out.`),
      )
  }
  aside('deadline', item.deadline)
  aside('estimate_minutes', item.estimate_minutes === null ? null : String(item.estimate_minutes))
  aside('url', item.url)
  aside('external_id', item.external_id)
  aside('recurrence', item.recurrence && JSON.stringify(item.recurrence))
  left('blocked_by', item.blocked_by.length)
  left('reminders', item.reminders.length)
  left('comments', item.comments.length)
  left('history', item.history.length)
  return { ...item, extra: kept.extra }
}

/** Of an occurrence that is a row of its own. */
export const withoutOccurrence = note(
  'not_supported',
  'history',
  'Tasks have no history here yet: this occurrence is left out.',
)
