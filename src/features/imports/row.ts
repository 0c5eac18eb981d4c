// What the formats make of a file. Each has fields for everything that a task here can have; what a
// format knows besides goes into `extra` or into a note.
import type { WallTime } from '../../core/wall-clock.ts'
import type { Instant } from '../../db/instant.ts'
import type { KeptReminder, ReminderTrigger } from '../reminders/index.ts'
import type { Task } from '../tasks/index.ts'

/** Something that could not be kept as it was, and why: a line of the report. */
export type Note = {
  /** Stable; docs/export-import.md lists them. */
  readonly code: string
  /** The field, column or property of the file; '' for the row as a whole. */
  readonly field: string
  readonly detail: string
}

export type Recurrence = {
  readonly rule: string
  readonly anchor: 'due' | 'completion'
  readonly missed: 'skip' | 'keep'
  /** The first slot; null where the due is it. */
  readonly starts: WallTime | null
  /** Where the series may have begun before its due; it has if the due is one of its slots then. */
  readonly begins?: WallTime | null
  /** Slots from the due on that are behind it: it stands at the one after them. */
  readonly passed?: number
}

export type Reminder = ReminderTrigger

export type Comment = {
  readonly text: string
  readonly created_at: Instant | null
}

/** An occurrence of a recurring task: a finished one, or the one that its due stands for. */
type Occurrence = {
  readonly slot: string
  readonly due: WallTime | null
  readonly start: WallTime | null
  readonly completed_at: Instant | null
  readonly state: 'completed' | 'skipped' | 'open'
}

/** A project by its id in the file or by its name; null: the one that the import names, or the inbox. */
export type ProjectOf = { readonly id: string } | { readonly name: string } | null

export type TaskItem = {
  readonly kind: 'task'
  /** The id that it keeps, where it is free: of our own files. Else null, and one is derived. */
  readonly id: string | null
  /** What names it among the rows of this format: the same in each file that has it. */
  readonly key: string
  /** The key of the row that it is a part of. */
  readonly parent: string | null
  /** Keys of rows. */
  readonly blocked_by: readonly string[]
  readonly project: ProjectOf
  readonly title: string
  readonly description: string
  readonly status: Task['status']
  readonly priority: Task['priority']
  readonly start: WallTime | null
  readonly due: WallTime | null
  readonly deadline: string | null
  readonly estimate_minutes: number | null
  readonly url: string | null
  readonly external_id: string | null
  readonly labels: readonly string[]
  readonly extra: Readonly<Record<string, string>>
  readonly recurrence: Recurrence | null
  /** The slot that the due stands for, where it is another one. */
  readonly occurrence: WallTime | null
  /** Slots behind that one that COUNT allows, where the file says so. */
  readonly recurrence_left: number | null
  readonly reminders: readonly Reminder[]
  readonly comments: readonly Comment[]
  /** Of our own files; else null, and tasks stand in the order of the file. */
  readonly position: string | null
  readonly created_at: Instant | null
  readonly completed_at: Instant | null
  /** Since when it is in the trash. */
  readonly deleted_at: Instant | null
}

/** An occurrence that is a row of its own; it belongs to the task with the key `parent`. */
type OccurrenceItem = Occurrence & {
  readonly kind: 'occurrence'
  readonly parent: string
}
/** A finished one of our own files. */
type DoneItem = {
  readonly kind: 'done'
  readonly id: string | null
  readonly key: string
  readonly parent: string
  readonly occurrence: WallTime
  readonly due: WallTime
  readonly start: WallTime | null
  readonly outcome: 'completed' | 'skipped'
  readonly done_at: Instant
  /** What undoing it brings back. */
  readonly status: Task['status']
  readonly recurrence_left: number | null
  readonly rule: string
  readonly starts: WallTime
}
/** The task in the row with the number `task` waits for the one with the key `parent`. */
type BlockerItem = {
  readonly kind: 'blocker'
  readonly parent: string
  readonly task: number
}
type CommentItem = {
  readonly kind: 'comment'
  readonly id: string | null
  readonly key: string
  readonly parent: string
  readonly text: string
  readonly edited: boolean
  readonly created_at: Instant | null
  readonly updated_at: Instant | null
}
type ReminderItem = {
  readonly kind: 'reminder'
  readonly id: string | null
  readonly key: string
  readonly parent: string
  readonly trigger: ReminderTrigger
  /** Undefined: it waits. */
  readonly past?: Pick<KeptReminder, 'status' | 'fire_at' | 'fired_at' | 'late'>
  readonly created_at: Instant | null
  readonly updated_at: Instant | null
}
/** What belongs to a task, and is written behind all tasks. */
export type BesideItem = OccurrenceItem | DoneItem | BlockerItem | CommentItem | ReminderItem

type Named = {
  readonly id: string | null
  readonly key: string
  readonly name: string
  readonly color: string | null
  readonly created_at: Instant | null
}
export type ProjectItem = Named & {
  readonly kind: 'project'
  readonly archived: boolean
  readonly position: string | null
}
export type LabelItem = Named & { readonly kind: 'label' }
/** What the user has set, and the inbox. */
export type SettingsItem = {
  readonly kind: 'settings'
  readonly name: string | null
  readonly time_zone: string | null
  readonly reminder_time?: string | null
  readonly inbox: {
    readonly name: string
    readonly color: string | null
    readonly position: string | null
  } | null
}

export type Item = TaskItem | BesideItem | ProjectItem | LabelItem | SettingsItem

/** What stands at one place of the file. */
export type Found = {
  /** The row, line or component of the file, from 1. */
  readonly row: number
  /** What it is called, for the report. */
  readonly title: string
  /** Undefined where nothing can become of it; the notes say why. */
  readonly item: Item | undefined
  /** Was nothing to become of it? */
  readonly aside?: true
  /** Why the import ends as failed, after what could be read was made. */
  readonly failure?: string
  readonly notes: readonly Note[]
}

/** Reads the text of a file, which comes in pieces. */
export type Reader = {
  read(text: string): Iterable<Found>
  /** After the last piece. */
  end(): Iterable<Found>
}

/** What readers are told of the import. */
export type Setting = {
  /** The time zone of the user. */
  readonly timeZone: string
  /** When the import was begun. */
  readonly now: number
}

const nothing = {
  id: null,
  parent: null,
  blocked_by: [],
  project: null,
  description: '',
  status: 'pending',
  priority: 'none',
  start: null,
  due: null,
  deadline: null,
  estimate_minutes: null,
  url: null,
  external_id: null,
  labels: [],
  extra: {},
  recurrence: null,
  occurrence: null,
  recurrence_left: null,
  reminders: [],
  comments: [],
  position: null,
  created_at: null,
  completed_at: null,
  deleted_at: null,
} as const

/** A task of which a file says only this. */
export const taskItem = (given: Partial<TaskItem> & Pick<TaskItem, 'key' | 'title'>): TaskItem => ({
  kind: 'task',
  ...nothing,
  ...given,
})
