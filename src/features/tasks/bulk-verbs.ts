// What a change of many tasks does with each: the verb of the single request.
import type { Ctx } from '../../core/context.ts'
import { invalid } from '../../core/errors.ts'
import { isDate, type WallTime } from '../../core/wall-clock.ts'
import type { TaskChange } from './bulk-schemas.ts'
import { completeTask } from './complete.ts'
import { deleteTask } from './delete.ts'
import { changeableTask } from './get.ts'
import { moveTask } from './move.ts'
import { reopenTask } from './reopen.ts'
import { MAX_LABELS, type Task, type TaskPatch } from './schemas.ts'
import { updateTask } from './update.ts'

/** Changes one task. Throws what the single request would be refused with. */
export const changeOne = async (ctx: Ctx, id: string, change: TaskChange): Promise<unknown> => {
  const one = { id, ifMatch: undefined }
  const patch = (patch: TaskPatch) => updateTask(ctx, { ...one, patch })
  switch (change.action) {
    case 'complete':
      return completeTask(ctx, one)
    case 'reopen':
      return reopenTask(ctx, one)
    case 'trash':
      return deleteTask(ctx, one)
    case 'move':
      return moveTo(ctx, id, change.project_id as string)
    case 'set_priority':
      return patch({ priority: change.priority })
    case 'set_due':
      return patch({ due: change.due as TaskPatch['due'] })
    case 'add_labels':
    case 'remove_labels':
    case 'shift':
      return patchAsItIs(ctx, id, change)
  }
}

const moveTo = async (ctx: Ctx, id: string, project_id: string): Promise<unknown> => {
  const { task } = await changeableTask(ctx, id, undefined)
  return task.project_id === project_id
    ? task
    : moveTask(ctx, { id, ifMatch: undefined, move: { project_id } })
}

/** What depends on how the task is. Throws `precondition_failed` where that changes meanwhile. */
const patchAsItIs = async (ctx: Ctx, id: string, change: TaskChange): Promise<unknown> => {
  const { task } = await changeableTask(ctx, id, undefined)
  return updateTask(ctx, { id, ifMatch: [task.rev], patch: patchOf(task, change) })
}

const patchOf = (task: Task, { action, labels = [], days = 0 }: TaskChange): TaskPatch => {
  if (action === 'add_labels') return { labels: added(task.labels, labels) }
  if (action === 'remove_labels')
    return { labels: task.labels.filter((name) => !labels.includes(name)) }
  return {
    ...(task.due && { due: shifted('due', task.due, days) }),
    ...(task.start && { start: shifted('start', task.start, days) }),
  }
}

const added = (there: readonly string[], more: readonly string[]): string[] => {
  const labels = [...new Set([...there, ...more])].sort()
  if (labels.length <= MAX_LABELS) return labels
  const detail = `A task has at most ${MAX_LABELS} labels.`
  throw invalid({ at: ['labels'], code: 'too_big', detail })
}

const DAY = 24 * 60 * 60 * 1000
const shifted = (field: string, time: WallTime, days: number): TaskPatch['due'] => {
  const wall = 'date' in time ? time.date : time.datetime
  const [date = ''] = wall.split('T')
  const ms = Date.parse(`${date}T00:00:00Z`) + days * DAY
  const moved = Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10)
  if (!isDate(moved) || moved < '1000' || moved >= '9999')
    throw invalid({ at: [field], code: 'range', detail: 'Years are 1000 to 9998.' })
  return 'date' in time ? { date: moved } : { datetime: `${moved}${wall.slice(date.length)}` }
}
