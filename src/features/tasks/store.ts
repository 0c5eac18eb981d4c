import { eq, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import {
  actorIdOf,
  type OwnerId,
  ownerColumn,
  ownerIdIn,
  type Parties,
  partiesOf,
  readerIdOf,
} from '../../core/parties.ts'
import { isSameField } from '../../core/patch.ts'
import { blockersLength, labelsLength, utf8Length } from '../../core/stored-bytes.ts'
import { foldForSearch } from '../../core/text.ts'
import { canRead, canReadAmong, canWrite, ownedBy } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { typed } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perNames,
  perSlots,
  placeholders,
  type Query,
  query,
  queryOf,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { allFields, type Column, taskFields } from './fields.ts'
import { bytesBetween, columns, rowOf, taskQuery, toTask } from './row.ts'
import type { Task } from './schemas.ts'

/** A task to be changed, and whose it is. */
export type OwnedTask = {
  readonly task: Task
  readonly parties: Parties
  /** Slots behind the present one that COUNT of its rule allows; null without COUNT. */
  readonly left: number | null
  /** Counts the changes of its reminders; 0 where it never had one. */
  readonly reminderRev: number
}

/** The last cells are what no answer has, and `toTask` leaves them alone. */
const ownedTaskQuery = (dialect: Dialect, where: SQL): Query<OwnedTask> => {
  const { tasks } = dialect.t
  const unseen = [tasks.recurrenceLeft, tasks.reminderRev, ownerColumn(tasks.ownerId)]
  const selected = [...columns(dialect), ...unseen]
  const query = queryOf(
    dialect.q.select(Object.fromEntries(selected.entries())).from(tasks).where(where),
    toTask,
  )
  return {
    ...query,
    row: (cells) => ({
      task: query.row(cells),
      parties: partiesOf(ownerIdIn(cells.at(-1))),
      left: (cells.at(-3) as number | null | undefined) ?? null,
      reminderRev: Number(cells.at(-2)),
    }),
  }
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, labels, taskLabels } = t
  const byId = eq(tasks.id, value(tasks.id, 'id'))
  const atRev = eq(tasks.rev, value(tasks.rev, 'was'))
  const sameReminders = eq(tasks.reminderRev, value(tasks.reminderRev, 'reminderRev'))
  const update = (...expected: SQL[]) =>
    perNames((columns: readonly string[]) =>
      compile(
        q
          .update(tasks)
          .set(placeholders(columns))
          .where(canWrite(tasks, byId, ...expected)),
      ),
    )
  return {
    byId: taskQuery(dialect, (select) => select.where(canRead(tasks, byId))),
    byIds: perSlots((slots) =>
      taskQuery(dialect, (select) =>
        select.where(canReadAmong(tasks, sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`)),
      ),
    ),
    toChange: ownedTaskQuery(dialect, canRead(tasks, byId)),
    among: perSlots((slots) =>
      query<{ id: string }>(
        q
          .select({ id: tasks.id })
          .from(tasks)
          .where(canReadAmong(tasks, sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`)),
      ),
    ),
    insert: compile(q.insert(tasks).values(everyColumn(tasks))),
    update: update(atRev),
    updateTimes: update(atRev, sameReminders),
    link: compile(
      q.insert(taskLabels).select(
        q
          .select({
            taskId: typed(dialect, value(taskLabels.taskId, 'taskId'), taskLabels.taskId).as(
              'task_id',
            ),
            labelId: labels.id,
          } as never)
          .from(labels)
          .where(ownedBy(labels.ownerId, eq(labels.name, value(labels.name, 'name')))),
      ),
    ),
    unlink: compile(
      q.delete(taskLabels).where(eq(taskLabels.taskId, value(taskLabels.taskId, 'taskId'))),
    ),
  }
})

export const findTask = (ctx: Ctx, id: string): Promise<Task | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

/** Those of the caller's tasks that have one of these ids. */
export const findTasks = (ctx: Ctx, ids: readonly string[]): Promise<Task[]> =>
  ctx.db.all(statements(ctx.db).byIds(slotsFor(ids.length)), {
    reader: readerIdOf(ctx),
    ...fillList('id', ids),
  })

export const findTaskToChange = (ctx: Ctx, id: string): Promise<OwnedTask | undefined> =>
  ctx.db.one(statements(ctx.db).toChange, { reader: readerIdOf(ctx), id })

/** How many of these tasks, each named once, there are, those in the trash included. */
export const countTasks = async (ctx: Ctx, ids: readonly string[]): Promise<number> => {
  const values = { reader: readerIdOf(ctx), ...fillList('id', ids) }
  return (await ctx.db.all(statements(ctx.db).among(slotsFor(ids.length)), values)).length
}

/** What no answer has: `madeOf` where a client made the id, `left` where a rule has COUNT. */
type Unseen = { readonly madeOf?: string | undefined; readonly left?: number | null | undefined }

export const insertTask = (
  ctx: Ctx,
  ownerId: OwnerId,
  task: Task,
  { madeOf, left = null }: Unseen = {},
): Write => {
  const row = {
    ...rowOf(task, allFields, foldForSearch(task.description)),
    ownerId,
    madeOf: madeOf ?? null,
    reminderRev: 0,
    recurrenceLeft: left,
  } satisfies Record<Column, unknown>
  const texts =
    utf8Length(row.title) +
    utf8Length(row.titleKey ?? '') +
    utf8Length(row.description) +
    utf8Length(row.haystack ?? '') +
    utf8Length(row.extra ?? '') +
    utf8Length(row.url ?? '') +
    utf8Length(row.externalId ?? '') +
    utf8Length(row.recurrence ?? '')
  const bytes = texts + labelsLength(task.labels) + blockersLength(task.blocked_by)
  return write(statements(ctx.db).insert, row, bytes)
}

/** The columns that count against the quota of bytes. */
const counted = ['haystack', 'labels', 'extra', 'url', 'externalId', 'blockedBy', 'recurrence']

/** Undefined: as it is. */
type Besides = {
  readonly left?: number | null | undefined
  /** The row is touched only where its reminders have not changed since. */
  readonly reminderRev?: number | undefined
}

/**
 * Writes those fields in which `after` differs from `before`, and `left` where it is given; touches
 * no row when the task is no longer at before's revision.
 */
export const updateTaskRow = (
  ctx: Ctx,
  before: Task,
  after: Task,
  { left, reminderRev }: Besides = {},
): Write => {
  const changed = allFields.filter((field) => !isSameField(before[field], after[field]))
  const columns = new Set<string>(changed.flatMap((field) => taskFields[field].columns))
  const folded = columns.has('haystack') ? foldForSearch(after.description) : ''
  if (left !== undefined) columns.add('recurrenceLeft' satisfies Column)
  const row = {
    ...rowOf(after, changed, folded),
    recurrenceLeft: left,
    actor: actorIdOf(ctx),
    was: before.rev,
    reminderRev,
  }
  const { update: updating, updateTimes } = statements(ctx.db)
  const update = (reminderRev === undefined ? updating : updateTimes)([...columns])
  if (!counted.some((column) => columns.has(column))) return write(update, row)
  const foldedBefore =
    before.description === after.description ? folded : foldForSearch(before.description)
  return write(update, row, bytesBetween(rowOf(before, changed, foldedBefore), row))
}

/** Touches no row when the owner of the task has no label of this name. */
export const linkLabel = (
  { db }: Pick<Ctx, 'db'>,
  ownerId: OwnerId,
  taskId: string,
  name: string,
): Write => write(statements(db).link, { owner: ownerId, taskId, name })
/** Of a task that the batch has found to be one that the caller may change. */
export const unlinkLabels = (ctx: Ctx, taskId: string): Write =>
  write(statements(ctx.db).unlink, { taskId })
