// The occurrences that tasks in the trash have done, deleted before the tasks themselves: they may be
// many rows, and count in the owner's bytes.
import { type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../../core/context.ts'
import type { OwnerId } from '../../../core/parties.ts'
import { countRows, occurrenceBytes } from '../../../core/stored-bytes.ts'
import { ownedAmong, ownedBy } from '../../../core/visibility.ts'
import { perDialect } from '../../../db/database.ts'
import {
  compile,
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../../db/statement.ts'

/** Rows that one batch deletes: D1 takes 100 values a statement. */
const ROWS = 64

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskOccurrences: done } = t
  /** One that was restored meanwhile keeps what it has done. */
  const isOld = sql`${done.taskId} in (select ${tasks.id} from ${tasks} where ${ownedBy(tasks.ownerId, sql`${tasks.trashed} = ${value(tasks.trashed, 'trashed')}`, sql`${tasks.deletedAt} < ${value(tasks.deletedAt, 'before')}`)})`
  const among = (which: SQL) => ownedAmong(done.ownerId, which, isOld)
  const listed = (slots: number) => among(sql`${done.id} in ${listOf(done.id, 'row', slots)}`)
  return {
    some: perSlots((slots) =>
      query<{ id: string }>(
        q
          .select({ id: done.id })
          .from(done)
          .where(among(sql`${done.taskId} in ${listOf(done.taskId, 'task', slots)}`))
          .limit(sql.placeholder('limit')),
      ),
    ),
    uncount: perSlots((slots) =>
      countRows(dialect, '-', occurrenceBytes(dialect), { table: done, where: listed(slots) }),
    ),
    remove: perSlots((slots) => compile(q.delete(done).where(listed(slots)))),
  }
})

/** The writes that delete a batch of what these tasks have done; none where there is no more. */
export const purgedOccurrences = async (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  tasks: readonly string[],
  before: string,
): Promise<Write[]> => {
  const { some, uncount, remove } = statements(db)
  const old = { owner, trashed: true, before }
  const find = { ...old, ...fillList('task', tasks), limit: ROWS }
  const ids = (await db.all(some(slotsFor(tasks.length)), find)).map(({ id }) => id)
  if (ids.length === 0) return []
  const values = { ...old, ...fillList('row', ids) }
  const slots = slotsFor(ids.length)
  return [write(uncount(slots), values), write(remove(slots), values)]
}
