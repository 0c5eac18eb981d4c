import { type Ctx, now } from '../../core/context.ts'
import { isSameField } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import { applyTurn, changeTask } from './change.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { changeableTask } from './get.ts'
import type { DoneOccurrence } from './recurrence/history.ts'
import { otherOccurrence } from './recurrence/named-occurrence.ts'
import { undoable, undoOccurrence } from './recurrence/occurrence-done.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'

type Reopening = {
  readonly id: string
  readonly ifMatch: Revisions
  /** Of a recurring task: the one to which it is to go back. */
  readonly occurrence?: WallTime | undefined
}

/**
 * Makes a completed or cancelled task pending, and what was completed with it what it was; a
 * recurring one goes back to the occurrence that was done last. An open task that does not recur
 * stays as it is. Throws `not_found`, `trashed`, `precondition_failed`, `other_occurrence`,
 * `not_recurring`.
 */
export const reopenTask = (ctx: Ctx, { id, ifMatch, occurrence }: Reopening): Promise<Task> => {
  return changeInChunks(ctx, id, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    const done = await undoable(ctx, owned)
    if (occurrence && isAt(owned.task, occurrence, done)) return { unchanged: owned.task }
    if (done) return applyTurn(ctx, owned, { turn: undoOccurrence(ctx, owned, done), at: now(ctx) })
    if (!isDone(owned.task.status)) return { unchanged: owned.task }
    return changeTask(ctx, owned, { status: 'pending' })
  })
}

/**
 * Is it at the occurrence to which it is to go back? Throws `other_occurrence`, `not_recurring` where
 * undoing the latest one does not bring it there.
 */
const isAt = (task: Task, named: WallTime, latest: DoneOccurrence | undefined): boolean => {
  if (latest && isSameField(named, latest.slot)) return false
  if (isSameField(named, task.occurrence)) return !isDone(task.status)
  throw otherOccurrence(task)
}
