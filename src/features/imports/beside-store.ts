// Which ids of what belongs to tasks are taken.
import { sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { fillList, listOf, perSlots, query, slotsFor } from '../../db/statement.ts'

const statements = perDialect(({ q, t }: Dialect) => {
  type Table = typeof t.comments | typeof t.reminders | typeof t.taskOccurrences
  const taken = (table: Table) =>
    perSlots((slots) =>
      query<{ id: string; taskId: string }>(
        q
          .select({ id: table.id, taskId: table.taskId })
          .from(table)
          .where(sql`${table.id} in ${listOf(table.id, 'id', slots)}`),
      ),
    )
  return {
    comment: taken(t.comments),
    reminder: taken(t.reminders),
    done: taken(t.taskOccurrences),
  }
})
export type Kind = keyof ReturnType<typeof statements>

/** Those of these ids, 64 at most, that something has, also of another user, with its task. */
export const takenOf = async (
  { db }: Pick<Ctx, 'db'>,
  kind: Kind,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  const found = await db.all(statements(db)[kind](slotsFor(ids.length)), fillList('id', ids))
  return new Map(found.map(({ id, taskId }) => [id, taskId]))
}
