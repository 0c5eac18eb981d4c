// Reminders that go for good with their tasks.
import { sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { groupBy } from '../../core/group-by.ts'
import { slices } from '../../core/slices.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import {
  compile,
  fillList,
  LISTED,
  listOf,
  perSlots,
  slotsFor,
  type Write,
  write,
} from '../../db/statement.ts'
import { remindersOfTasks } from './store.ts'

const statements = perDialect(({ q, t }) => ({
  /** Entries of the change log, of reminders that go with their tasks. */
  forget: perSlots((slots) =>
    compile(
      q
        .delete(t.changes)
        .where(
          ofAccount(
            t.changes.readerId,
            sql`${t.changes.entityId} in ${listOf(t.changes.entityId, 'reminder', slots)}`,
          ),
        ),
    ),
  ),
}))

/**
 * The writes that forget, in the change logs of their users, the reminders that go for good with
 * these tasks of the trash: the tombstone of a task takes them along. They belong into the batch that
 * deletes the tasks, and with them the reminders.
 */
export const forgetReminders = async (ctx: Ctx, tasks: readonly string[]): Promise<Write[]> => {
  const gone = await remindersOfTasks(ctx, tasks)
  return [...groupBy(gone, ({ userId }) => userId)].flatMap(([reader, own]) =>
    slices(own, LISTED).map((some) => {
      const ids = some.map(({ id }) => id)
      const values = { reader, ...fillList('reminder', ids) }
      return write(statements(ctx.db).forget(slotsFor(ids.length)), values)
    }),
  )
}
