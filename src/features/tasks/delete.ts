import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import { type Ctx, now } from '../../core/context.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { existingTask } from './get.ts'
import { updateTaskRow } from './store.ts'
import { trashBelow } from './subtree.ts'

/**
 * Puts a task and everything below it into the trash; one that is there stays as it is. What is below it is found in the
 * batch, and those who put a task below it look in theirs: so it is in the way of no other change. Throws `not_found`, `stale`.
 */
export const deleteTask = (ctx: Ctx, { id, ifMatch }: { id: string; ifMatch: Revisions }): Promise<void> => {
  allow(ctx.actor, 'deleteTask')
  return retrying(ctx, async () => {
    const task = await existingTask(ctx, id)
    expectRevision('task', ifMatch, task)
    if (task.deleted_at !== null) return { unchanged: undefined }
    const at = now(ctx)
    const trashed = { ...task, deleted_at: at, updated_at: at, rev: ctx.ids.next() }
    return {
      writes: [updateTaskRow(ctx, task, trashed), ...trashBelow(ctx, id, at), logChange(ctx, 'task', id)],
      mustTouch: [0],
      result: undefined,
    }
  })
}
