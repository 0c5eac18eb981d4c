import { allow } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { retrying } from '../../core/commit.ts'
import { type Ctx, now } from '../../core/context.ts'
import { newestPosition } from '../../core/position.ts'
import { resolveLabels } from '../labels/index.ts'
import { holdTree } from '../projects/index.ts'
import { placeNew } from './placement.ts'
import type { NewTask, Task } from './schemas.ts'
import { insertTask, linkLabel } from './store.ts'

/** Makes a task at the end of its project, with the labels that it names. Throws `invalid` (unknown project or parent), `quota`. */
export const createTask = (ctx: Ctx, input: NewTask): Promise<Task> => {
  allow(ctx.actor, 'createTask')
  return retrying(ctx, async (attempt) => {
    const [{ projectId, parentId, held }, labels] = await Promise.all([
      placeNew(ctx, input),
      resolveLabels(ctx, input.labels, { trustSeen: attempt === 0 }),
    ])
    const id = ctx.ids.next()
    const at = now(ctx)
    const task: Task = {
      ...input,
      id,
      project_id: projectId,
      parent_id: parentId,
      position: newestPosition(id),
      created_by: ctx.actor.userId,
      created_at: at,
      updated_at: at,
      completed_at: input.status === 'completed' ? at : null,
      deleted_at: null,
      rev: ctx.ids.next(),
    }
    const links = input.labels.map((name) => linkLabel(ctx, id, name))
    const relied = held.map((tree) => holdTree(ctx, tree))
    const ahead = [...relied, insertTask(ctx, task), ...labels.writes]
    return {
      writes: [...ahead, ...links, logChange(ctx, 'task', id)],
      mustTouch: [...relied.map((_, i) => i), ...links.map((_, i) => ahead.length + i)],
      grows: labels.made > 0 ? { tasks: 1, labels: labels.made } : { tasks: 1 },
      result: inOrder(task),
    }
  })
}

/** The task with its fields in the order in which every other answer has them. */
const inOrder = ({ id, project_id, parent_id, title, description, status, priority, start, due, labels, ...rest }: Task): Task => ({
  id,
  project_id,
  parent_id,
  title,
  description,
  status,
  priority,
  start,
  due,
  labels,
  ...rest,
})
