// How what a task has is called in iCalendar (RFC 5545), in both directions.
import type { Task } from '../tasks/index.ts'

type Status = Task['status']
type Priority = Task['priority']

const statuses: Readonly<Record<Status, string>> = {
  pending: 'NEEDS-ACTION',
  in_progress: 'IN-PROCESS',
  completed: 'COMPLETED',
  cancelled: 'CANCELLED',
}
export const statusWord = (status: Status): string => statuses[status]
/** Undefined for a word that no task has. */
export const statusOf = (word: string): Status | undefined =>
  (Object.keys(statuses) as Status[]).find((status) => statuses[status] === word.toUpperCase())

/** 1 to 9, of which 1 is the highest; 0 is none. */
const priorities: Readonly<Record<Priority, number>> = {
  none: 0,
  urgent: 1,
  high: 3,
  medium: 5,
  low: 9,
}
export const priorityNumber = (priority: Priority): number => priorities[priority]
/** RFC 5545, 3.8.1.9, where 1 to 4 are high; here the highest of them is urgent. */
export const priorityOf = (number: number): Priority =>
  number === 1
    ? 'urgent'
    : number >= 2 && number <= 4
      ? 'high'
      : number === 5
        ? 'medium'
        : number >= 6 && number <= 9
          ? 'low'
          : 'none'

/** Properties of ours. */
export const OWN = {
  id: 'X-TASKPORT-ID',
  externalId: 'X-TASKPORT-EXTERNAL-ID',
  project: 'X-TASKPORT-PROJECT',
  deadline: 'X-TASKPORT-DEADLINE',
  extra: 'X-TASKPORT-EXTRA',
  /** A parameter of `extra`. */
  key: 'X-KEY',
  recurrence: 'X-TASKPORT-RECURRENCE',
  /** In an alarm: the reminder as the export in JSON has it. */
  reminder: 'X-TASKPORT-REMINDER',
  /** The same of an occurrence that is done. */
  occurrence: 'X-TASKPORT-OCCURRENCE',
  /** How many comments the file has no room for. */
  leftOut: 'X-TASKPORT-COMMENTS-LEFT-OUT',
} as const
/** Parameters of a comment. */
export const OF_COMMENT = {
  id: 'X-TASKPORT-ID',
  created: 'X-TASKPORT-CREATED',
  updated: 'X-TASKPORT-UPDATED',
  edited: 'X-TASKPORT-EDITED',
} as const
/** draft-ietf-calext-ical-tasks */
export const ESTIMATE = 'ESTIMATED-DURATION'

// A property without a field of its own is kept in `extra`, and printed again from there: its name
// behind `ics:`, and what stands behind the name, with the colon only where parameters do not tell.

const PREFIX = 'ics:'
/** The key in `extra` of the nth property of a name. */
export const extraKey = (name: string, nth: number): string =>
  `${PREFIX}${name}${nth === 1 ? '' : ` ${nth}`}`
/** `behind` is `:value` or `;parameters:value`. */
export const extraValue = (behind: string): string =>
  /^:[:;]/.test(behind) || behind.startsWith(';') ? behind : behind.slice(1)
/** The content line of an entry of `extra`; undefined where it is none. */
export const lineOfExtra = (key: string, value: string): string | undefined => {
  const [, name] = /^ics:([A-Z][A-Z0-9-]*)(?: \d+)?$/.exec(key) ?? []
  if (name === undefined || /[\n\r]/.test(value)) return undefined
  return /^[:;]/.test(value) ? `${name}${value}` : `${name}:${value}`
}
