// What the record of what happened says of a task.
import type { EventType, FieldChanges, Happening, ManyHappened } from '../../core/event-types.ts'
import { changesBetween, changesOfNew, type RecordedFields } from '../../core/field-changes.ts'
import { allFields, taskFields } from './fields.ts'
import { type Task, taskDefaults } from './schemas.ts'
import { isDone } from './status.ts'

type TaskEvent = Extract<EventType, `task.${string}`>

const recorded = allFields
  .map((field) => [field, taskFields[field].recorded] as const)
  .filter(([, how]) => how !== 'none') satisfies RecordedFields<Task>

const of = ({ id, project_id }: Task, type: TaskEvent, data: Happening['data']): Happening => ({
  type,
  projectId: project_id,
  taskId: id,
  data,
})

export const taskCreated = (task: Task): Happening =>
  of(task, 'task.created', { changes: changesOfNew<Task>(recorded, task, taskDefaults as object) })

/** A task that went to the trash, or came from there. */
export const taskTrashed = (task: Task): Happening => of(task, 'task.deleted', { changes: {} })
export const taskRestored = (before: Task, after: Task): Happening =>
  of(after, 'task.restored', { changes: changesBetween<Task>(recorded, before, after) })

/** One event for each request: what it did to the status comes before where it put the task. */
const typeOf = (before: Task, after: Task): TaskEvent => {
  if (after.status === 'completed' && before.status !== 'completed') return 'task.completed'
  if (isDone(before.status) && !isDone(after.status)) return 'task.reopened'
  const moves = (['project_id', 'parent_id', 'position'] as const).some(
    (field) => before[field] !== after[field],
  )
  return moves ? 'task.moved' : 'task.updated'
}

/** A change of a task; `type` where the fields do not show what it was: an occurrence that is done. */
export const taskChanged = (before: Task, after: Task, type?: TaskEvent): Happening =>
  of(after, type ?? typeOf(before, after), {
    changes: changesBetween<Task>(recorded, before, after),
  })

export const purged: ManyHappened = { type: 'task.purged', data: { changes: {} } }

/** What the change of a task does to those below it. */
type Below = 'trash' | 'restore' | 'move' | 'close' | 'renew' | 'undo_close' | 'undo_renew'
const below: Readonly<Record<Below, { type: TaskEvent; changes: FieldChanges }>> = {
  trash: { type: 'task.deleted', changes: {} },
  restore: { type: 'task.restored', changes: {} },
  move: { type: 'task.moved', changes: { project_id: {} } },
  close: { type: 'task.completed', changes: { status: { new: 'completed' } } },
  renew: { type: 'task.reopened', changes: { status: { old: 'completed', new: 'pending' } } },
  undo_close: { type: 'task.reopened', changes: { status: { old: 'completed' } } },
  undo_renew: { type: 'task.completed', changes: { status: { new: 'completed' } } },
}

/**
 * Of each of the tasks that a change of the task `root` takes along. Undefined in a large change that
 * a version began which did not note it.
 */
export const takenAlong = (root: string | undefined, change: Below): ManyHappened => {
  const { type, changes } = below[change]
  const cause = root === undefined ? undefined : ({ entity: 'task', id: root } as const)
  return { type, data: { changes, ...(cause && { cause }) } }
}
