import { type Ctx, nowAfter } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import type { OwnerId } from '../../core/parties.ts'
import type { Revisions } from '../../core/precondition.ts'
import type { Write } from '../../db/statement.ts'
import { followTasks, together } from '../blockers/index.ts'
import { findInboxTree, findTree } from '../projects/index.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { reachOfBlockers } from './children.ts'
import { claimExternalId, claimExternalIdsBelow } from './external-ids.ts'
import { followProgress } from './followers.ts'
import { existingTask } from './get.ts'
import { guardOfRestored } from './guards.ts'
import { taskRestored } from './happened.ts'
import type { Task } from './schemas.ts'
import { findTask, updateTaskRow } from './store.ts'
import { restoreBelow } from './subtree.ts'
import { changeBelow } from './subtree-chunks.ts'
import { waitsBelow } from './waits-below.ts'

/**
 * Takes a task out of the trash, with what went there together with it; one that is not there stays
 * as it is. Where its project is gone it goes to the inbox, where its parent is gone it stands
 * alone. What is below it comes back in chunks where that is much. Throws `not_found`,
 * `precondition_failed`, `external_id_taken`, `write_conflict`.
 */
export const restoreTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<Task> => {
  return changeInChunks(ctx, id, async () => {
    const { task, parties } = await existingTask(ctx, id, ifMatch)
    if (task.deleted_at === null) return { unchanged: task }
    const parent = task.parent_id === null ? undefined : await findTask(ctx, task.parent_id)
    const ofParent =
      parent && parent.deleted_at === null ? await findTree(ctx, parent.project_id) : undefined
    const tree =
      ofParent ??
      (await findTree(ctx, task.project_id)) ??
      (await findInboxTree(ctx, parties.ownerId))
    if (!tree) throw accountGone()
    const restored = {
      ...task,
      project_id: tree.id,
      parent_id: ofParent ? task.parent_id : null,
      deleted_at: null,
      updated_at: nowAfter(ctx, task.updated_at),
      rev: ctx.ids.next(),
    }
    const was = task.deleted_at
    const { ownerId } = parties
    const { below, large } = await reachOfBlockers(ctx, ownerId, id)
    const rest = large
      ? changeBelow(ctx, ownerId, id, { change: 'restore', was, project: tree.id })
      : { ...restoreBelow(ctx, id, was, tree.id), bulk: undefined }
    // It went to the trash together with its parent, which still counts it.
    const counted = parent?.deleted_at === was ? { ...task, deleted_at: null } : task
    const follow = together(
      followProgress(ctx, counted, restored),
      await followTasks(ctx, ownerId, [id, ...(large ? [] : below)], large ? undefined : id),
    )
    const waits = large
      ? undefined
      : await waitsBelow(ctx, ownerId, { ...task, below }, { change: 'restore', was })
    if (waits) restored.blocked = waits.blocked
    const claims = tree.id === task.project_id ? [] : await claimIds(ctx, ownerId, restored, large)
    const first = [
      updateTaskRow(ctx, task, restored),
      guardOfRestored(ctx, restored),
      ...claims,
      ...follow.guards,
    ]
    const ahead = [...first, ...rest.writes, ...follow.writes]
    const last = waits?.guards ?? []
    return {
      parties,
      writes: [...ahead, ...last],
      changes: [
        ...rest.changes,
        { entity: 'task', id, event: taskRestored(task, restored) },
        ...follow.changes,
      ],
      mustTouch: [...first.keys(), ...last.map((_, i) => ahead.length + i)],
      result: restored,
      bulk: rest.bulk,
      // Between the chunks of its parent's restoration it does not show whether that counts it.
      alone: below.length > 0 || task.parent_id !== null,
    }
  })
}

/** Its project is another one than it was. */
const claimIds = async (
  ctx: Ctx,
  ownerId: OwnerId,
  restored: Task,
  large: boolean,
): Promise<Write[]> => [
  ...(await claimExternalId(ctx, ownerId, restored)),
  ...(await claimExternalIdsBelow(ctx, ownerId, restored, { large })),
]
