import type { Change } from '../../core/change-log.ts'
import { type Creation, retryingOnce } from '../../core/client-ids.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { resolveLabels } from '../labels/index.ts'
import { guardsOfNew } from './guards.ts'
import { taskCreated } from './happened.ts'
import { placeNew } from './placement.ts'
import { happensOnce } from './recurrence/row.ts'
import { type Settled, settle } from './recurrence/settle.ts'
import { type NewTask, type Task, taskDefaults } from './schemas.ts'
import { findTask, insertTask, linkLabel } from './store.ts'
import { hasTies, tiesOfNew } from './ties.ts'
import { bornAt } from './times.ts'

/**
 * Makes a task at the end of its project, with the labels that it names. Throws `invalid` (unknown
 * project or parent, blockers), `external_id_taken`, `quota_exceeded`, `id_taken`.
 */
export const createTask = (ctx: Ctx, input: NewTask): Promise<Task> => {
  return retryingOnce(ctx, creationOf(input), async (attempt, given) => {
    const placement = await placeNew(ctx, input)
    const { parties, projectId, parentId } = placement
    const { ownerId } = parties
    const labels = await resolveLabels(ctx, ownerId, input.labels, { trustSeen: attempt === 0 })
    const series: Settled =
      input.recurrence === null ? happensOnce : await settle(happensOnce, input)
    const at = now(ctx)
    const { id, created_at, completed_at, order } = bornAt(ctx, input, at)
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
      recurrence: series.recurrence,
      occurrence: series.occurrence,
      labels: input.labels,
      extra: input.extra,
      blocked: false,
      progress: null,
      comment_count: 0,
      position: newestPosition(order),
      created_by: actorIdOf(ctx),
      created_at,
      updated_at: at,
      completed_at,
      deleted_at: null,
      rev: ctx.ids.next(),
    }
    const links = input.labels.map((name) => linkLabel(ctx, ownerId, id, name))
    const ties = hasTies(task) ? await tiesOfNew(ctx, ownerId, task) : undefined
    if (ties) task.blocked = ties.blocked
    const relied = guardsOfNew(ctx, placement, task)
    if (given) relied.push(given.guard(ownerId))
    if (ties) relied.push(...ties.guards)
    const row = insertTask(ctx, ownerId, task, { madeOf: given?.madeOf, left: series.left })
    const ahead = [...relied, row, ...labels.writes]
    const told: Change[] = [...labels.changes, { entity: 'task', id, event: taskCreated(task) }]
    if (parentId !== null) told.push({ entity: 'task', id: parentId, event: null })
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

const creationOf = (input: NewTask): Creation<NewTask, Task> => ({
  kind: 'tasks',
  defaults: taskDefaults,
  find: findTask,
  input,
})
