// Reminders whose tasks an older version has moved, which knows none.
import { and, eq } from 'drizzle-orm'
import { type LogEntry, logWindow } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { ofAccount, ownedAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query } from '../../db/statement.ts'
import { type Following, followLoaded } from './follow.ts'
import { type Row, rowShape, timesOf, toStored } from './row.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, reminders, tasks, users } = t
  const { behind, upToEntry } = logWindow(dialect)
  return {
    logged: query<Row>(
      q
        .select(rowShape(dialect))
        .from(changes)
        .innerJoin(tasks, ownedAmong(tasks.ownerId, eq(tasks.id, changes.entityId)))
        .innerJoin(reminders, eq(reminders.taskId, tasks.id))
        .innerJoin(users, eq(users.id, reminders.userId))
        .where(ofAccount(changes.readerId, and(behind, upToEntry))),
    ),
  }
})

/**
 * Looks at the reminders of an owner's tasks that the change log names behind an entry and up to
 * another one. Answers what moves those whose time is another one by now.
 */
export const repairReminders = async (
  ctx: Ctx,
  owner: OwnerId,
  { behind, last }: { readonly behind: LogEntry; readonly last: LogEntry },
): Promise<Following> => {
  const bounds = { upTo: last.seq, lastId: last.id }
  const values = { reader: readerIdOf(ctx), owner, ...behind, ...bounds }
  const rows = await ctx.db.all(statements(ctx.db).logged, values)
  return followLoaded(
    ctx,
    rows.map(toStored).map((reminder) => ({ reminder, times: timesOf(reminder) })),
  )
}
