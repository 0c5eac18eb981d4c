import { and, eq, sql } from 'drizzle-orm'
import { visible } from '../../core/access.ts'
import type { Ctx } from '../../core/context.ts'
import { fold } from '../../core/text.ts'
import { fromColumns, toColumns, type WallTime } from '../../core/wall-clock.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { textList, typed } from '../../db/portable.ts'
import {
  type Built,
  type CellsOf,
  compile,
  everyColumn,
  placeholders,
  type Query,
  queryOf,
  type Statement,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { priorities, type Status, type Task } from './schemas.ts'

/** A task's columns as they are read: one query, its labels included. */
const columns = (dialect: Dialect) => {
  const { tasks, taskLabels, labels } = dialect.t
  return [
    tasks.id,
    tasks.projectId,
    tasks.parentId,
    tasks.title,
    tasks.description,
    tasks.status,
    tasks.priority,
    tasks.startWall,
    tasks.startZone,
    tasks.dueWall,
    tasks.dueZone,
    textList(
      dialect,
      labels.name,
      sql`from ${taskLabels} inner join ${labels} on ${eq(labels.id, taskLabels.labelId)} where ${eq(taskLabels.taskId, tasks.id)}`,
    ).as('labels'),
    tasks.position,
    tasks.createdBy,
    tasks.createdAt,
    tasks.updatedAt,
    tasks.completedAt,
    tasks.deletedAt,
    tasks.rev,
  ] as const
}
const rows = (dialect: Dialect) => dialect.q.select(Object.fromEntries(columns(dialect).entries())).from(dialect.t.tasks)

/** Straight from the cells, in the order of `columns`: with an object of them in between, a list allocated a fifth more. */
const toTask: (...cells: CellsOf<ReturnType<typeof columns>>) => Task = (
  id,
  project_id,
  parent_id,
  title,
  description,
  status,
  priority,
  startWall,
  startZone,
  dueWall,
  dueZone,
  labels,
  position,
  created_by,
  created_at,
  updated_at,
  completed_at,
  deleted_at,
  rev,
) => ({
  id,
  project_id,
  parent_id,
  title,
  description,
  status: status as Status,
  priority: priorities[priority] ?? 'none',
  start: fromColumns(startWall, startZone),
  due: fromColumns(dueWall, dueZone),
  labels,
  position,
  created_by,
  created_at,
  updated_at,
  completed_at,
  deleted_at,
  rev,
})

/** A query of tasks: what `built` adds to the columns of a task (its conditions, order and limit). */
export const taskQuery = (dialect: Dialect, built: (select: ReturnType<typeof rows>) => Built): Query<Task> =>
  queryOf(built(rows(dialect)), toTask)

const TITLE_KEY_LENGTH = 100
const wallColumns = (name: 'start' | 'due', time: WallTime | null) => {
  const { wall, zone, at } = toColumns(time)
  return { [`${name}Wall`]: wall, [`${name}Zone`]: zone, [`${name}At`]: at }
}

/** What each field of a task is in the database: a change of the field changes these columns. Labels are rows of their own. */
const columnsOfField = {
  project_id: (task: Task) => ({ projectId: task.project_id }),
  parent_id: (task: Task) => ({ parentId: task.parent_id }),
  title: (task: Task) => ({ title: task.title, titleKey: titleKeyOf(task.title), haystack: haystackOf(task) }),
  description: (task: Task) => ({ description: task.description, haystack: haystackOf(task) }),
  status: (task: Task) => ({ status: task.status }),
  priority: (task: Task) => ({ priority: priorities.indexOf(task.priority) }),
  start: (task: Task) => wallColumns('start', task.start),
  due: (task: Task) => wallColumns('due', task.due),
  position: (task: Task) => ({ position: task.position }),
  updated_at: (task: Task) => ({ updatedAt: task.updated_at }),
  completed_at: (task: Task) => ({ completedAt: task.completed_at }),
  deleted_at: (task: Task) => ({ deletedAt: task.deleted_at, trashed: task.deleted_at !== null }),
  rev: (task: Task) => ({ rev: task.rev }),
} satisfies Partial<Record<keyof Task, (task: Task) => object>>
type Field = keyof typeof columnsOfField
const columnFields = Object.keys(columnsOfField) as Field[]

const columnsOf = (fields: readonly Field[], task: Task): Record<string, unknown> => {
  const columns: Record<string, unknown> = {}
  for (const field of fields) Object.assign(columns, columnsOfField[field](task))
  return columns
}

/** What sorting by title compares: folded, and no longer than its column. */
export const titleKeyOf = (title: string): string => {
  const key = fold(title)
  return key.length <= TITLE_KEY_LENGTH ? key : [...key].slice(0, TITLE_KEY_LENGTH).join('')
}
/** Folding can make a text many times as long; search looks at this much of it. */
const HAYSTACK_LENGTH = 20_000
const haystackOf = (task: Task): string => fold(`${task.title}\n${task.description}`).slice(0, HAYSTACK_LENGTH).toWellFormed()

/** Fields are equal when they say the same: text and numbers by value, times by their parts. */
export const isSameField = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, labels, taskLabels } = t
  const byId = eq(tasks.id, value(tasks.id, 'id'))
  const updates = new Map<string, Statement>()
  const makeUpdate = (columns: readonly string[]) =>
    compile(
      q
        .update(tasks)
        .set(placeholders(columns))
        .where(visible(tasks.ownerId, byId, eq(tasks.rev, value(tasks.rev, 'was')))),
    )
  return {
    byId: taskQuery(dialect, (select) => select.where(visible(tasks.ownerId, byId))),
    insert: compile(q.insert(tasks).values(everyColumn(tasks))),
    update: (columns: readonly string[]): Statement => {
      const key = columns.join(' ')
      const found = updates.get(key) ?? makeUpdate(columns)
      updates.set(key, found)
      return found
    },
    link: compile(
      q.insert(taskLabels).select(
        q
          .select({
            taskId: typed(dialect, value(taskLabels.taskId, 'taskId'), taskLabels.taskId).as('task_id'),
            labelId: labels.id,
          } as never)
          .from(labels)
          .where(visible(labels.ownerId, eq(labels.name, value(labels.name, 'name')))),
      ),
    ),
    unlink: compile(
      q
        .delete(taskLabels)
        .where(
          and(
            eq(taskLabels.taskId, value(taskLabels.taskId, 'taskId')),
            sql`${taskLabels.labelId} in (select ${labels.id} from ${labels} where ${visible(labels.ownerId, eq(labels.name, value(labels.name, 'name')))})`,
          ),
        ),
    ),
  }
})

export const findTask = (ctx: Ctx, id: string): Promise<Task | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: ctx.actor.userId, id })

export const insertTask = (ctx: Ctx, task: Task): Write =>
  write(statements(ctx.db).insert, {
    id: task.id,
    ownerId: ctx.actor.userId,
    createdBy: task.created_by,
    createdAt: task.created_at,
    ...columnsOf(columnFields, task),
  })

/** Writes those fields in which `after` differs from `before`; touches no row when the task is no longer at before's revision. */
export const updateTaskRow = (ctx: Ctx, before: Task, after: Task): Write => {
  const changed = columnFields.filter((field) => !isSameField(before[field], after[field]))
  const set = columnsOf(changed, after)
  // `was` and `id` name the row; a changed `rev` has a placeholder of its own.
  return write(statements(ctx.db).update(Object.keys(set)), { ...set, reader: ctx.actor.userId, id: before.id, was: before.rev })
}

/** Touches no row when there is no label of this name. */
export const linkLabel = (ctx: Ctx, taskId: string, name: string): Write =>
  write(statements(ctx.db).link, { reader: ctx.actor.userId, taskId, name })
export const unlinkLabel = (ctx: Ctx, taskId: string, name: string): Write =>
  write(statements(ctx.db).unlink, { reader: ctx.actor.userId, taskId, name })
