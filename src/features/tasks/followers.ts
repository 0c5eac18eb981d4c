// What follows elsewhere when a task becomes another one: the progress of its parent, and whether
// tasks that wait for it are blocked. Every change of a status, a parent or the trash goes through
// here.
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { type Following, followTasks, NOTHING, together } from '../blockers/index.ts'
import { shiftProgress, shiftsBetween } from './progress.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'

type Followed = Pick<Task, 'id' | 'parent_id' | 'status' | 'deleted_at'>

const isOpen = ({ status, deleted_at }: Followed): boolean => deleted_at === null && !isDone(status)

/** Of a task that becomes `after`. Most changes have no consequences, and cost nothing here. */
export const followersOf = (
  ctx: Ctx,
  ownerId: OwnerId,
  before: Followed,
  after: Followed,
): Following | Promise<Following> =>
  isOpen(before) === isOpen(after)
    ? followProgress(ctx, before, after)
    : followAll(ctx, ownerId, before, after)

const followAll = async (
  ctx: Ctx,
  ownerId: OwnerId,
  before: Followed,
  after: Followed,
): Promise<Following> =>
  together(followProgress(ctx, before, after), await followTasks(ctx, ownerId, [before.id]))

/** Of its parents alone. */
export const followProgress = (ctx: Ctx, before: Followed, after: Followed): Following => {
  const shifts = [...shiftsBetween(before, after)]
  if (shifts.length === 0) return NOTHING
  const revision = { rev: ctx.ids.next(), at: now(ctx) }
  return {
    guards: [],
    writes: shifts.map(([parent, share]) => shiftProgress(ctx, parent, share, revision)),
    changes: shifts.map(([id]) => ({ entity: 'task', id, event: null })),
  }
}
