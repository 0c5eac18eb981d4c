// All tasks of a user, page by page in the order of their ids.
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import { readerIdOf } from '../../core/parties.ts'
import { canRead } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { type Query, queryOf, value } from '../../db/statement.ts'
import { columns, toTask } from './row.ts'
import type { Task } from './schemas.ts'

const limit = sql.placeholder('limit')

/** Each half from its own stretch of the index. */
const half = (dialect: Dialect, trashed: boolean, name: string) => {
  const { tasks } = dialect.t
  return dialect.q
    .select({ id: tasks.id })
    .from(tasks)
    .where(
      canRead(
        tasks,
        and(eq(tasks.trashed, literal(dialect, trashed)), gt(tasks.id, value(tasks.id, 'after'))),
      ),
    )
    .orderBy(asc(tasks.id))
    .limit(limit)
    .as(name)
}

/** A task with what no other answer has: the slots behind the present one that COUNT allows. */
export type WholeTask = Task & { readonly recurrence_left: number | null }

const statements = perDialect((dialect) => {
  const { tasks } = dialect.t
  const page = (ids: ReturnType<typeof sql>): Query<WholeTask> => {
    const selected = [...columns(dialect), tasks.recurrenceLeft]
    const query = queryOf(
      dialect.q
        .select(Object.fromEntries(selected.entries()))
        .from(tasks)
        .innerJoin(ids, sql`page.id = ${tasks.id}`)
        .orderBy(asc(tasks.id))
        .limit(limit),
      toTask,
    )
    return {
      ...query,
      row: (cells) => ({
        ...query.row(cells),
        recurrence_left: (cells.at(-1) as number | null | undefined) ?? null,
      }),
    }
  }
  return {
    live: page(sql`(select id from ${half(dialect, false, 'live')}) as page`),
    // In one statement, so that a task which goes to the trash at this moment is in it once.
    all: page(
      sql`(select id from ${half(dialect, false, 'live')} union all select id from ${half(dialect, true, 'trashed')}) as page`,
    ),
  }
})

/** Tasks with ids behind `after`; with `trash` also those in the trash. */
export const pageOfAllTasks = async (
  ctx: Ctx,
  {
    after,
    limit: most,
    trash,
  }: { readonly after: string; readonly limit: number; readonly trash: boolean },
): Promise<WholeTask[]> => {
  const { live, all } = statements(ctx.db)
  const values = { reader: readerIdOf(ctx), after, limit: most }
  return (await readLong(ctx, trash ? all : live, values)).rows
}
