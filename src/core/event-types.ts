// What the record of what happened tells of.
import type { ReaderId } from './parties.ts'

/** The types of events, in the order in which documents list them. */
export const eventTypes = [
  'task.created',
  'task.updated',
  'task.completed',
  'task.reopened',
  'task.skipped',
  'task.moved',
  'task.deleted',
  'task.restored',
  'task.purged',
  'project.created',
  'project.updated',
  'project.deleted',
  'label.created',
  'label.updated',
  'label.deleted',
  'comment.created',
  'comment.updated',
  'comment.deleted',
  'reminder.created',
  'reminder.updated',
  'reminder.deleted',
  'reminder.fired',
  'reminder.missed',
  'import.finished',
  'user.updated',
] as const
export type EventType = (typeof eventTypes)[number]

/** The old and the new value of a field; neither for one of which only is said that it changed. */
export type FieldChange = { readonly old?: unknown; readonly new?: unknown }
export type FieldChanges = Readonly<Record<string, FieldChange>>

/** What took a thing along that the request itself did not name. */
type Cause = { readonly entity: 'task' | 'project'; readonly id: string }

/** What an event says besides when, by whom and to what it happened. */
export type EventData = {
  readonly changes?: FieldChanges
  readonly cause?: Cause
  /** Of what no field of the thing says. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What the record says of a change, besides which thing has changed. */
export type Happening = {
  readonly type: EventType
  /** Where the thing was; null for what is in no project. */
  readonly projectId: string | null
  readonly taskId: string | null
  /** The only user who may see it; without it, all who see the thing. */
  readonly only?: ReaderId
  readonly data: EventData
}

/** The same of many tasks, each of which says itself where it is. */
export type ManyHappened = Pick<Happening, 'type' | 'data'>
