import { eq, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { inStretch, type Stretch, stretchOf } from '../../core/logged.ts'
import { canReadAmong, ofAccount } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { query } from '../../db/statement.ts'
import { type Row, rowShape, shownReminder, toStored } from './row.ts'
import type { Reminder } from './schemas.ts'

const told = (dialect: Dialect, which: ReturnType<typeof sql>) => {
  const { changes, reminders, tasks, users } = dialect.t
  return query<Row>(
    dialect.q
      .select(rowShape(dialect))
      .from(changes)
      .innerJoin(reminders, ofAccount(reminders.userId, which))
      .innerJoin(tasks, canReadAmong(tasks, eq(tasks.id, reminders.taskId)))
      .innerJoin(users, eq(users.id, reminders.userId))
      .where(inStretch(dialect)),
  )
}

const statements = perDialect((dialect) => {
  const { changes, reminders } = dialect.t
  return {
    themselves: told(dialect, sql`${reminders.id} = ${changes.entityId}`),
    ofTasks: told(
      dialect,
      sql`${reminders.taskId} = ${changes.entityId} and ${reminders.status} = 'pending'`,
    ),
  }
})

/** The reminders that a stretch of the caller's change log tells of. */
export const loggedReminders = async (ctx: Ctx, stretch: Stretch): Promise<Reminder[]> => {
  const values = stretchOf(ctx, 'reminder', stretch)
  const rows = await ctx.db.all(statements(ctx.db).themselves, values)
  return rows.map((row) => shownReminder(toStored(row)))
}

/**
 * The caller's reminders that wait for their time, of the tasks that it tells of: how they are shown
 * depends on the task, and what changes that writes nothing to them.
 */
export const remindersOfLogged = async (ctx: Ctx, stretch: Stretch): Promise<Reminder[]> => {
  const values = stretchOf(ctx, 'task', stretch)
  const rows = await ctx.db.all(statements(ctx.db).ofTasks, values)
  return rows.map((row) => shownReminder(toStored(row)))
}
