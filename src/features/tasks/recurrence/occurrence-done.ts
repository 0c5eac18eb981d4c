// An occurrence of a recurring task that is completed or skipped, and its undoing.
import { after, type Ctx } from '../../../core/context.ts'
import { isSameField } from '../../../core/patch.ts'
import { userZone } from '../../../core/user-time-zone.ts'
import { toWall } from '../../../core/wall-clock.ts'
import type { Instant } from '../../../db/instant.ts'
import type { Write } from '../../../db/statement.ts'
import {
  advanceTimes,
  type FollowTimes,
  keptReminders,
  restoreTimes,
} from '../../reminders/index.ts'
import type { Task } from '../schemas.ts'
import { isDone } from '../status.ts'
import type { StatusChange } from '../status-below.ts'
import type { OwnedTask } from '../store.ts'
import { type DoneOccurrence, insertDone, latestDone, removeDone } from './history.ts'
import { advanceOf, type Move, nextOccurrence, type Outcome, type Standing } from './next.ts'

/** What becomes of a task, besides what the request says, and of what is below it. */
export type Turn = {
  readonly edited: Partial<Task>
  readonly left: number | null | undefined
  /** The history; all else that moves with the task's times adds its writes to these. */
  readonly writes: readonly Write[]
  /** The first of the writes must touch a row. */
  readonly guarded: boolean
  /** What it is called in the record of what happened, where an occurrence is done or undone. */
  readonly type?: 'task.completed' | 'task.skipped' | 'task.reopened'
  readonly below: StatusChange | undefined
  /**
   * What becomes of its reminders, where its times move otherwise than by an edit. `always`: they
   * move with the occurrence, also where the due and the start are edited to what they become.
   */
  readonly remind?: { readonly follow: FollowTimes; readonly always: boolean }
}

/** Undefined for a task that does not recur. */
export const standingOf = (task: Task, left: number | null): Standing | undefined => {
  const { recurrence, occurrence, due, start } = task
  return recurrence && occurrence && due ? { recurrence, occurrence, due, start, left } : undefined
}

type Finishing = {
  readonly next: Task
  readonly left: number | null
  readonly outcome: Outcome
  readonly at: Instant
}

/**
 * The task as `next` says, with its present occurrence done: it stands at the next one, or is done
 * itself with the last one.
 */
export const finishOccurrence = async (
  ctx: Ctx,
  { task, parties, reminderRev }: OwnedTask,
  { next, left, outcome, at }: Finishing,
): Promise<Turn | undefined> => {
  const standing = standingOf(next, left)
  if (!standing) return undefined
  const zone = await userZone(ctx, parties.ownerId)
  const moment = { outcome, nowMs: Date.parse(at), zone }
  const move = await nextOccurrence(standing, moment)
  const [id, doneAt] = [ctx.ids.next(), after(task.updated_at, at)]
  const of = { owner: parties.ownerId, task: task.id }
  const reminders = reminderRev > 0 ? await keptReminders(ctx, task.id) : []
  const done = { id, standing, outcome, status: task.status, doneAt, reminders }
  return {
    edited: move ? movedTo(move) : { status: outcome === 'completed' ? 'completed' : 'cancelled' },
    left: move ? move.left : left,
    // Completing goes on where there is no room left.
    writes: [{ ...insertDone(ctx, of, done), beyondQuota: true }],
    guarded: false,
    type: outcome === 'completed' ? 'task.completed' : 'task.skipped',
    ...(move && { remind: { follow: advanceTimes(advanceOf(standing, move)), always: true } }),
    below: move
      ? { change: 'renew', by: id }
      : outcome === 'completed'
        ? { change: 'close', by: id, at }
        : undefined,
  }
}

const movedTo = ({ slot, start }: Move): Partial<Task> => ({
  status: 'pending',
  due: slot,
  start,
  occurrence: slot,
})

/** The occurrence that `reopen` of the task undoes, if there is one. */
export const undoable = async (
  ctx: Ctx,
  { task, parties }: OwnedTask,
): Promise<DoneOccurrence | undefined> => {
  if (task.recurrence === null) return undefined
  const latest = await latestDone(ctx, { owner: parties.ownerId, task: task.id })
  if (!latest) return undefined
  const isOpen = task.status === 'pending' || task.status === 'in_progress'
  // A done task was done with it only where no other slot has come since.
  return isOpen || isSameField(latest.slot, task.occurrence) ? latest : undefined
}

/**
 * The task at the occurrence that is undone, as it was; what was edited since stays. Where another
 * series has begun since, its first slot comes behind this one.
 */
export const undoOccurrence = (
  ctx: Ctx,
  { task, parties, left }: OwnedTask,
  done: DoneOccurrence,
): Turn => {
  const { slot, due, start, undo } = done
  // Only the last occurrence leaves the task done: it moves no reminders, and completes what is
  // below the task.
  const isLast = isDone(task.status)
  return {
    edited: { status: undo.status, due, start, occurrence: slot },
    left: isSameSeries(task, done) ? undo.left : left === null ? null : left + 1,
    writes: [removeDone(ctx, { owner: parties.ownerId, task: task.id }, done)],
    guarded: true,
    type: 'task.reopened',
    below: { change: 'undo', undone: isLast ? 'close' : 'renew', by: done.id, at: null },
    remind: { follow: restoreTimes(undo.reminders ?? []), always: !isLast },
  }
}

const isSameSeries = ({ recurrence }: Task, { undo }: DoneOccurrence): boolean =>
  recurrence !== null &&
  recurrence.rule === undo.rule &&
  isSameField(toWall(recurrence.starts), undo.starts)
