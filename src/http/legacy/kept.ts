// Values that a task keeps in `extra` for clients of the family, as they sent them: a text under its
// name, any other value as JSON under the name and `.json`.
import type { Task } from '../../features/tasks/index.ts'

type Extra = Task['extra']
/** A merge patch of `extra`. */
export type ExtraPatch = Record<string, string | null>

/** What the model has no field for. */
export const keptNames = [
  'category',
  'recurrence',
  'recurring',
  'is_recurring',
  'recurrence_pattern',
  'recurrence_rule',
  'recurrence_type',
  'recurrence_interval',
  'recurrence_end_date',
  'reminder',
  'reminders',
  'reminder_at',
  'remind_at',
  'reminder_time',
  'reminder_date',
  'reminder_minutes',
  'reminder_enabled',
  'has_reminder',
  'due_time',
] as const

const camelOf = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
/** A name with underscores, and the same in camelCase; once where they are one. */
export const spellingsOf = (name: string): [string, ...string[]] =>
  name.includes('_') ? [name, camelOf(name)] : [name]

const jsonOf = (name: string): string => `${name}.json`

/** null and undefined forget what is kept. */
export const keep = (name: string, given: unknown): ExtraPatch => {
  const isText = typeof given === 'string'
  const isForgotten = given === null || given === undefined
  return {
    [name]: isText ? given : null,
    [jsonOf(name)]: isText || isForgotten ? null : JSON.stringify(given),
  }
}

/** What was kept; undefined if nothing is. */
export const kept = (extra: Extra, name: string): unknown => {
  const text = extra[name]
  if (text !== undefined) return text
  const json = extra[jsonOf(name)]
  if (json === undefined) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return json // another client wrote it, by the other API
  }
}
