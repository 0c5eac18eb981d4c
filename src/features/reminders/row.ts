// A reminder as it is read: with what it depends on of its task and its user.
import { sql } from 'drizzle-orm'
import {
  type OwnerId,
  ownerColumn,
  type Parties,
  type ReaderId,
  readerColumn,
} from '../../core/parties.ts'
import { fromColumns, type WallTime } from '../../core/wall-clock.ts'
import type { Dialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import type { Settings, TaskTimes } from './fire-at.ts'
import type { Reminder, ReminderStatus, Trigger } from './schemas.ts'
import { isOpen, type State } from './state.ts'

export const rowShape = (dialect: Dialect) => {
  const { reminders, tasks, users } = dialect.t
  return {
    id: reminders.id,
    userId: readerColumn(reminders.userId),
    taskId: reminders.taskId,
    trigger: reminders.trigger,
    fireAt: reminders.fireAt,
    status: reminders.status,
    firedAt: reminders.firedAt,
    late: reminders.late,
    rev: reminders.rev,
    createdAt: reminders.createdAt,
    updatedAt: reminders.updatedAt,
    ownerId: ownerColumn(tasks.ownerId),
    projectId: tasks.projectId,
    taskStatus: sql<string>`${tasks.status}`.as('task_status'),
    trashed: tasks.trashed,
    startWall: tasks.startWall,
    startZone: tasks.startZone,
    dueWall: tasks.dueWall,
    dueZone: tasks.dueZone,
    timeZone: users.timeZone,
    reminderTime: users.reminderTime,
  }
}

export type Row = Settings & {
  readonly id: string
  readonly userId: ReaderId
  readonly taskId: string
  readonly trigger: unknown
  readonly fireAt: Instant | null
  readonly status: string
  readonly firedAt: Instant | null
  readonly late: boolean
  readonly rev: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly ownerId: OwnerId
  readonly projectId: string
  readonly taskStatus: string
  readonly trashed: boolean
  readonly startWall: string
  readonly startZone: string | null
  readonly dueWall: string
  readonly dueZone: string | null
}

export type Stored = Omit<Row, 'trigger' | 'status'> & State

/** In one order of its fields: databases that store JSON in a form of their own have another. */
const triggerIn = (given: unknown): Trigger => {
  const trigger = given as Trigger
  switch (trigger.kind) {
    case 'instant':
      return { kind: trigger.kind, at: trigger.at }
    case 'day':
      return { kind: trigger.kind, date: trigger.date }
    case 'floating':
      return { kind: trigger.kind, datetime: trigger.datetime }
    case 'zoned':
      return { kind: trigger.kind, datetime: trigger.datetime, time_zone: trigger.time_zone }
    case 'minutes':
      return { kind: trigger.kind, before: trigger.before, minutes: trigger.minutes }
    case 'days':
      return {
        kind: trigger.kind,
        before: trigger.before,
        days: trigger.days,
        time: trigger.time,
      }
  }
}

export const toStored = (row: Row): Stored => ({
  ...row,
  trigger: triggerIn(row.trigger),
  status: row.status as ReminderStatus,
})

type Walls = Pick<Row, 'startWall' | 'startZone' | 'dueWall' | 'dueZone'>
export const timesOf = ({ startWall, startZone, dueWall, dueZone }: Walls): TaskTimes => ({
  start: fromColumns(startWall, startZone),
  due: fromColumns(dueWall, dueZone),
})

/** The same with zones as they are stored, also those that this runtime does not know. */
export const rawTimesOf = (row: Walls): TaskTimes => {
  const { start, due } = timesOf(row)
  const raw = (time: WallTime | null, zone: string | null) =>
    time?.kind === 'zoned' && zone !== null ? { ...time, time_zone: zone } : time
  return { start: raw(start, row.startZone), due: raw(due, row.dueZone) }
}

/** The owner of the task pays for a reminder, and its user alone sees it. */
export const partiesOfReminder = (ownerId: OwnerId, reminder: Pick<Row, 'userId'>): Parties => ({
  ownerId,
  readerIds: [reminder.userId],
})

/** Has its task come to rest, so that it does not fire? */
export const isAtRest = ({ taskStatus, trashed }: Pick<Row, 'taskStatus' | 'trashed'>): boolean =>
  trashed || !isOpen(taskStatus)

/** The revision of a reminder that only its task cancels: another one than that of the same row. */
const cancelledRev = (rev: string): string =>
  rev.slice(0, -1) + (Number.parseInt(rev.slice(-1), 16) ^ 8).toString(16)

/**
 * A reminder as its user sees it. That its task has come to rest is not stored with it: so what
 * completes, trashes, reopens or restores a task need not write to its reminders.
 */
export const shownReminder = (row: Stored): Reminder => {
  const cancelled = row.status === 'pending' && isAtRest(row)
  return {
    id: row.id,
    task_id: row.taskId,
    trigger: row.trigger,
    fire_at: row.fireAt,
    status: cancelled ? 'cancelled' : row.status,
    fired_at: row.firedAt,
    late: row.late,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    rev: cancelled ? cancelledRev(row.rev) : row.rev,
  }
}
