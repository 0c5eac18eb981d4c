// What the record of what happened says of a reminder, which its user alone sees.
import type { EventData, EventType, Happening } from '../../core/event-types.ts'
import { changesBetween, fieldsOf } from '../../core/field-changes.ts'
import type { Row, Stored } from './row.ts'
import { ReminderPatch } from './schemas.ts'

const recorded = fieldsOf<ReminderPatch>(ReminderPatch)

type About = Pick<Row, 'userId' | 'projectId' | 'taskId'>
const of = (
  { userId, projectId, taskId }: About,
  type: Extract<EventType, `reminder.${string}`>,
  data: EventData,
): Happening => ({ type, projectId, taskId, only: userId, data })

export const reminderCreated = (made: About & Pick<Stored, 'trigger'>): Happening =>
  of(made, 'reminder.created', { changes: { trigger: { new: made.trigger } } })
export const reminderUpdated = (before: Stored, after: Stored): Happening =>
  of(after, 'reminder.updated', { changes: changesBetween<Stored>(recorded, before, after) })
export const reminderDeleted = (reminder: Stored): Happening =>
  of(reminder, 'reminder.deleted', { changes: { trigger: { old: reminder.trigger } } })

/** It has fired, or could not in time. */
export const reminderSettled = (
  due: About & Pick<Row, 'fireAt'>,
  outcome: { readonly late: boolean } | 'missed',
): Happening =>
  of(due, outcome === 'missed' ? 'reminder.missed' : 'reminder.fired', {
    details: { fire_at: due.fireAt, ...(outcome !== 'missed' && outcome) },
  })
