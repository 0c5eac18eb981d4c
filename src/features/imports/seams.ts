// What files say of tasks for which there is no field here yet: kept in `extra` where it is a text,
// and noted.
import type { Note, TaskItem } from './row.ts'
import { note } from './values.ts'

type Kept = { readonly extra: Record<string, string>; readonly notes: Note[] }

/** The item without what cannot be stored. */
export const withoutSeams = (item: TaskItem, notes: Note[]): TaskItem => {
  const kept: Kept = { extra: { ...item.extra }, notes }
  const left = (field: string, count: number): void => {
    if (count > 0)
      kept.notes.push(
        note('not_supported', field, `Tasks have no such field here yet: ${count} left out.`),
      )
  }
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
