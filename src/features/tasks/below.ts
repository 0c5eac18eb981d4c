// What a change of a task does to all that is below it: in the same batch, or in chunks where that is much.
import type { Bulk } from '../../core/bulk-store.ts'
import type { Told } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import type { Write } from '../../db/statement.ts'
import { followTasks } from '../blockers/index.ts'
import { reach, reachOfBlockers } from './children.ts'
import { claimExternalIdsBelow } from './external-ids.ts'
import type { Task } from './schemas.ts'
import { changeStatusBelow, progressAfter, type StatusChange } from './status-below.ts'
import { changeStatusInChunks } from './status-chunks.ts'
import { moveBelow } from './subtree.ts'
import { changeBelow } from './subtree-chunks.ts'
import { type WaitingBelow, waitsBelow } from './waits-below.ts'

/** What a change of status does to what is below the task. */
export const changeFollowers = async (
  ctx: Ctx,
  ownerId: OwnerId,
  task: Task,
  change: StatusChange,
  blocked_by = task.blocked_by,
): Promise<StatusBelow | undefined> => {
  const { id } = task
  const { below, large } = await reachOfBlockers(ctx, ownerId, id)
  if (below.length === 0) return undefined
  if (large) return { ...changeStatusInChunks(ctx, ownerId, id, change), guards: [], alone: true }
  const { guards, ...follow } = await followTasks(ctx, ownerId, below, id)
  const changed = changeStatusBelow(ctx, ownerId, id, change)
  return {
    guards,
    writes: [...changed.writes, ...follow.writes],
    changes: [...changed.changes, ...follow.changes],
    bulk: undefined,
    alone: true,
    progress: await progressAfter(ctx, task, change),
    waits: await waitsBelow(ctx, ownerId, { id, blocked_by, below }, change),
  }
}

/** What is below a task follows it to another project. */
export const moveFollowers = async (
  ctx: Ctx,
  ownerId: OwnerId,
  { id, project_id: project }: Task,
): Promise<Below> => {
  const { below, large } = await reach(ctx, id)
  const alone = below.length > 0
  const moved = { id, project_id: project }
  const guards = alone ? await claimExternalIdsBelow(ctx, ownerId, moved, { large }) : []
  if (!large) return { ...moveBelow(ctx, id, project), guards, bulk: undefined, alone }
  return { ...changeBelow(ctx, ownerId, id, { change: 'move', project }), guards, alone }
}
/** Of the task itself: its progress behind the change, and whether it is blocked by what is below. */
type StatusBelow = Below & {
  readonly progress?: Task['progress']
  readonly waits?: WaitingBelow | undefined
}
type Below = Told & {
  readonly guards: readonly Write[]
  readonly bulk: Bulk | undefined
  readonly alone: boolean
}
