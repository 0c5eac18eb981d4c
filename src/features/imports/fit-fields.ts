// Plain fields, reminders and comments of a file, as their schemas have them.
import { utf8Length } from '../../core/stored-bytes.ts'
import { MAX_COMMENT_BYTES, NewComment } from '../comments/index.ts'
import { Trigger } from '../reminders/index.ts'
import { NewTask } from '../tasks/index.ts'
import type { Note, TaskItem } from './row.ts'
import { note, shown } from './values.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes away.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
export const clean = (text: string): string => text.toWellFormed().replace(CONTROLS, '')

/** As much of the beginning as has so many bytes. */
export const cutBytes = (text: string, most: number): string => {
  let short = text.slice(0, most).toWellFormed()
  while (utf8Length(short) > most)
    short = short
      .slice(0, Math.floor((short.length * most) / utf8Length(short)))
      .replace(/\ufffd$|[\ud800-\udbff]$/, '')
  return short
}

type PlainName = 'deadline' | 'estimate_minutes' | 'url' | 'external_id'
/** These as their schemas have them; what does not fit is kept in `extra`. */
export const fitPlain = (item: TaskItem, notes: Note[]): Pick<TaskItem, PlainName | 'extra'> => {
  const extra = { ...item.extra }
  const fitted = <T extends string | number>(name: PlainName, given: T | null): T | null => {
    if (given === null || given === '') return null
    const { success, data } = NewTask.shape[name].safeParse(given)
    if (success) return data as T
    extra[name] ??= String(given)
    notes.push(
      note('kept_in_extra', name, `${shown(String(given))} does not fit; it is kept in extra.`),
    )
    return null
  }
  return {
    deadline: fitted('deadline', item.deadline),
    estimate_minutes: fitted('estimate_minutes', item.estimate_minutes),
    url: fitted('url', item.url),
    external_id: fitted('external_id', item.external_id),
    extra,
  }
}

/** An alarm of a task without a start counts from its due. */
export const fitReminders = ({ reminders }: TaskItem, notes: Note[]) =>
  reminders.flatMap((trigger) => {
    if (Trigger.safeParse(trigger).success) return [trigger]
    notes.push(note('alarm', 'reminders', 'It cannot be a reminder here.'))
    return []
  })

export const fitComment = (given: string, notes: Note[]): string | null => {
  const text = clean(given)
  const short = utf8Length(text) <= MAX_COMMENT_BYTES ? text : cutBytes(text, MAX_COMMENT_BYTES)
  if (!NewComment.safeParse({ text: short }).success) {
    notes.push(note('invalid', 'comments', 'A comment that is blank is left out.'))
    return null
  }
  if (short !== text)
    notes.push(
      note(
        'shortened',
        'comments',
        `One has more than ${MAX_COMMENT_BYTES} bytes; the rest is left out.`,
      ),
    )
  return short
}
