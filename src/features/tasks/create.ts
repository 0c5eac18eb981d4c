import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { resolveLabels } from '../labels/index.ts'
import { guardsOfNew } from './guards.ts'
import { placeNew } from './placement.ts'
import { happensOnce } from './recurrence/row.ts'
import { type Settled, settle } from './recurrence/settle.ts'
import type { NewTask, Task } from './schemas.ts'
import { insertTask, linkLabel } from './store.ts'

/**
 * Makes a task at the end of its project, with the labels that it names. Throws `invalid` (unknown
 * project or parent), `quota_exceeded`.
 */
export const createTask = (ctx: Ctx, input: NewTask): Promise<Task> => {
  return retrying(ctx, async (attempt) => {
    const placement = await placeNew(ctx, input)
    const { parties, projectId, parentId } = placement
    const { ownerId } = parties
    const labels = await resolveLabels(ctx, ownerId, input.labels, { trustSeen: attempt === 0 })
    const series: Settled =
      input.recurrence === null ? happensOnce : await settle(happensOnce, input)
    const id = ctx.ids.next()
    const at = now(ctx)
    // Field by field: in the order of every other answer, and faster than copies of `input`.
    const task: Task = {
      id,
      project_id: projectId,
      parent_id: parentId,
      title: input.title,
      description: input.description,
      status: input.status,
      priority: input.priority,
      start: input.start,
      due: input.due,
      recurrence: series.recurrence,
      occurrence: series.occurrence,
      labels: input.labels,
      extra: input.extra,
      position: newestPosition(id),
      created_by: actorIdOf(ctx),
      created_at: at,
      updated_at: at,
      completed_at: input.status === 'completed' ? at : null,
      deleted_at: null,
      rev: ctx.ids.next(),
    }
    const links = input.labels.map((name) => linkLabel(ctx, ownerId, id, name))
    const relied = guardsOfNew(ctx, placement)
    const ahead = [...relied, insertTask(ctx, ownerId, task, series.left), ...labels.writes]
    return {
      parties,
      writes: [...ahead, ...links],
      changes: [...labels.changes, { entity: 'task', id }],
      mustTouch: [...relied.map((_, i) => i), ...links.map((_, i) => ahead.length + i)],
      grows: labels.made > 0 ? { tasks: 1, labels: labels.made } : { tasks: 1 },
      result: task,
    }
  })
}
