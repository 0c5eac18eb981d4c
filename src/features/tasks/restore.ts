import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import { type Ctx, now } from '../../core/context.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import { findTree, type Tree } from '../projects/index.ts'
import { existingTask } from './get.ts'
import { guardOfRestored } from './guards.ts'
import type { Task } from './schemas.ts'
import { findTask, updateTaskRow } from './store.ts'
import { restoreBelow } from './subtree.ts'

/**
 * Takes a task out of the trash, with what went there together with it; one that is not there stays as it is. Where its
 * project is gone it goes to the inbox, where its parent is gone it stands alone. Throws `not_found`, `stale`.
 */
export const restoreTask = (ctx: Ctx, { id, ifMatch }: { id: string; ifMatch: Revisions }): Promise<Task> => {
  allow(ctx.actor, 'restoreTask')
  return retrying(ctx, async () => {
    const task = await existingTask(ctx, id)
    expectRevision('task', ifMatch, task)
    if (task.deleted_at === null) return { unchanged: task }
    const parent = task.parent_id === null ? undefined : await findTask(ctx, task.parent_id)
    const parentLives = parent !== undefined && parent.deleted_at === null
    const tree = ((await findTree(ctx, parentLives ? parent.project_id : task.project_id)) ?? (await findTree(ctx, undefined))) as Tree
    const restored = {
      ...task,
      project_id: tree.id,
      parent_id: parentLives ? parent.id : null,
      deleted_at: null,
      updated_at: now(ctx),
      rev: ctx.ids.next(),
    }
    return {
      writes: [
        updateTaskRow(ctx, task, restored),
        guardOfRestored(ctx, restored),
        ...restoreBelow(ctx, id, task.deleted_at, tree.id),
        logChange(ctx, 'task', id),
      ],
      mustTouch: [0, 1],
      result: restored,
    }
  })
}
