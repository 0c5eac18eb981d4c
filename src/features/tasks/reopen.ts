import { retryingInChunks } from '../../core/bulk.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { applyTurn, changeTask } from './change.ts'
import { changeableTask } from './get.ts'
import { undoable, undoOccurrence } from './recurrence/occurrence-done.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'
import { findTask } from './store.ts'

/**
 * Makes a completed or cancelled task pending, and what was completed with it what it was; a
 * recurring one goes back to the occurrence that was done last. An open task that does not recur
 * stays as it is. Throws `not_found`, `trashed`, `precondition_failed`.
 */
export const reopenTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<Task> => {
  return retryingInChunks(
    ctx,
    async () => {
      const owned = await changeableTask(ctx, id, ifMatch)
      const done = await undoable(ctx, owned)
      if (done)
        return applyTurn(ctx, owned, { turn: undoOccurrence(ctx, owned, done), at: now(ctx) })
      if (!isDone(owned.task.status)) return { unchanged: owned.task }
      return changeTask(ctx, owned, { status: 'pending' })
    },
    () => findTask(ctx, id),
  )
}
