import type { Change } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { resolveLabels } from '../labels/index.ts'
import { guardsOfNew } from './guards.ts'
import { placeNew } from './placement.ts'
import type { NewTask, Task } from './schemas.ts'
import { insertTask, linkLabel } from './store.ts'
import { hasTies, tiesOfNew } from './ties.ts'

/**
 * Makes a task at the end of its project, with the labels that it names. Throws `invalid` (unknown
 * project or parent, blockers), `external_id_taken`, `quota_exceeded`.
 */
export const createTask = (ctx: Ctx, input: NewTask): Promise<Task> => {
  return retrying(ctx, async (attempt) => {
    const placement = await placeNew(ctx, input)
    const { parties, projectId, parentId } = placement
    const { ownerId } = parties
    const labels = await resolveLabels(ctx, ownerId, input.labels, { trustSeen: attempt === 0 })
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
      deadline: input.deadline,
      estimate_minutes: input.estimate_minutes,
      url: input.url,
      external_id: input.external_id,
      blocked_by: input.blocked_by,
      labels: input.labels,
      extra: input.extra,
      blocked: false,
      progress: null,
      comment_count: 0,
      position: newestPosition(id),
      created_by: actorIdOf(ctx),
      created_at: at,
      updated_at: at,
      completed_at: input.status === 'completed' ? at : null,
      deleted_at: null,
      rev: ctx.ids.next(),
    }
    const links = input.labels.map((name) => linkLabel(ctx, ownerId, id, name))
    const ties = hasTies(task) ? await tiesOfNew(ctx, ownerId, task) : undefined
    if (ties) task.blocked = ties.blocked
    const guards = guardsOfNew(ctx, placement, task)
    const relied = ties ? [...guards, ...ties.guards] : guards
    const ahead = [...relied, insertTask(ctx, ownerId, task), ...labels.writes]
    const told: Change[] = [...labels.changes, { entity: 'task', id }]
    if (parentId !== null) told.push({ entity: 'task', id: parentId })
    return {
      parties,
      writes: ties ? [...ahead, ...links, ...ties.links] : [...ahead, ...links],
      changes: told,
      mustTouch: [...relied.map((_, i) => i), ...links.map((_, i) => ahead.length + i)],
      grows: labels.made > 0 ? { tasks: 1, labels: labels.made } : { tasks: 1 },
      result: task,
    }
  })
}
