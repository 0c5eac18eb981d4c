import { retryingInChunks } from '../../core/bulk.ts'
import { after, type Ctx, now } from '../../core/context.ts'
import { newDeletion } from '../../core/deletion-instants.ts'
import type { Revisions } from '../../core/precondition.ts'
import { followTasks, together } from '../blockers/index.ts'
import { reachOfBlockers } from './children.ts'
import { followProgress } from './followers.ts'
import { existingTask } from './get.ts'
import { taskTrashed } from './happened.ts'
import { updateTaskRow } from './store.ts'
import { trashBelow } from './subtree.ts'
import { changeBelow } from './subtree-chunks.ts'

/**
 * Puts a task and everything below it into the trash; one that is there stays as it is. What is
 * below it is found in the batch, and those who put a task below it look in theirs: so it is in the
 * way of no other change. Where there is much below it, that follows in chunks. Throws `not_found`,
 * `precondition_failed`, `write_conflict`.
 */
export const deleteTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<void> => {
  return retryingInChunks(ctx, async () => {
    const { task, parties } = await existingTask(ctx, id, ifMatch)
    if (task.deleted_at !== null) return { unchanged: undefined }
    const { below, large } = await reachOfBlockers(ctx, parties.ownerId, id)
    const deletion = below.length > 0 ? await newDeletion(ctx, parties.ownerId) : undefined
    const at = deletion?.at ?? now(ctx)
    const updated_at = after(task.updated_at, at)
    const trashed = { ...task, deleted_at: at, updated_at, rev: ctx.ids.next() }
    const rest = large
      ? changeBelow(ctx, parties.ownerId, id, { change: 'trash', at })
      : { ...trashBelow(ctx, id, at), bulk: undefined }
    const follow = together(
      followProgress(ctx, task, trashed),
      await followTasks(ctx, parties.ownerId, [id, ...(large ? [] : below)]),
    )
    const first = [
      ...(deletion ? [deletion.guard] : []),
      updateTaskRow(ctx, task, trashed),
      ...follow.guards,
    ]
    return {
      parties,
      writes: [...first, ...rest.writes, ...follow.writes],
      changes: [
        ...rest.changes,
        { entity: 'task', id, event: taskTrashed(task) },
        ...follow.changes,
      ],
      mustTouch: first.map((_, i) => i),
      result: undefined,
      bulk: rest.bulk,
      alone: below.length > 0,
    }
  })
}
