// How many tasks the caller has of each kind. The database counts, by one statement.
import { eq, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readOfMany } from '../../core/long-work.ts'
import { readerIdOf } from '../../core/parties.ts'
import { timeZoneOf } from '../../core/user-time-zone.ts'
import { canRead } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query, value } from '../../db/statement.ts'
import { isOverdue } from './filter.ts'
import { priorities, type Status, type Task } from './schemas.ts'

type Row = { status: Status; priority: number; tasks: number; overdue: number }
type Count = Omit<Row, 'priority'> & Pick<Task, 'priority'>

const counts = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  // The same for each time and zone, which are its values.
  const past = isOverdue(true, 0, 'UTC').make(dialect)
  const number = (of: ReturnType<typeof sql>, name: string) => of.mapWith(Number).as(name)
  return query<Row>(
    q
      .select({
        status: tasks.status,
        priority: tasks.priority,
        tasks: number(sql`count(*)`, 'n'),
        overdue: number(sql`sum(case when ${past} then 1 else 0 end)`, 'late'),
      })
      .from(tasks)
      .where(canRead(tasks, eq(tasks.trashed, value(tasks.trashed, 'trashed'))))
      .groupBy(tasks.status, tasks.priority) as never,
  )
})

/** One count for each status and priority that tasks outside the trash have. */
export const countTasksByKind = async (ctx: Ctx): Promise<Count[]> => {
  const { values } = isOverdue(true, ctx.clock.now(), await timeZoneOf(ctx))
  const given = { reader: readerIdOf(ctx), trashed: false, ...values }
  const rows = await readOfMany(ctx, 'counts of tasks', counts(ctx.db), given)
  return rows.map(({ priority, ...row }) => ({
    ...row,
    priority: priorities[priority] as Task['priority'],
  }))
}
