// Tasks that are deleted for good, each with a tombstone in the change log. What else belongs to a
// task goes by foreign keys; what of it counts in the owner's bytes has to be taken off here.
import { eq, lt, sql } from 'drizzle-orm'
import type { Change } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { countRows, taskBytes } from '../../core/stored-bytes.ts'
import type { Plan } from '../../core/unit-of-work.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { compile, fillList, listOf, perSlots, slotsFor, value, write } from '../../db/statement.ts'

/** Tasks of one user that one batch deletes: D1 takes 100 values a statement. */
export const PURGED = 64

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  return {
    uncount: perSlots((slots) =>
      countRows(dialect, '-', taskBytes(dialect), {
        table: tasks,
        where: ownedAmong(tasks.ownerId, sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`),
      }),
    ),
    remove: compile(
      q
        .delete(tasks)
        .where(
          ownedBy(
            tasks.ownerId,
            eq(tasks.id, value(tasks.id, 'id')),
            eq(tasks.trashed, value(tasks.trashed, 'trashed')),
            lt(tasks.deletedAt, value(tasks.deletedAt, 'before')),
          ),
        ),
    ),
  }
})

type Purge = Required<Pick<Plan<unknown>, 'writes' | 'mustTouch' | 'grows'>> & {
  readonly changes: readonly Change[]
}

/**
 * What deletes these tasks of an owner, at most `PURGED`, that went to the trash before an instant;
 * its batch is stale where one of them is not there any more.
 */
export const purgedTasks = (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  ids: readonly string[],
  before: string,
): Purge => {
  const { uncount, remove } = statements(db)
  const removals = ids.map((id) => write(remove, { owner, trashed: true, before, id }))
  return {
    writes: [
      write(uncount(slotsFor(ids.length)), { owner, ...fillList('task', ids) }),
      ...removals,
    ],
    mustTouch: removals.map((_, i) => i + 1),
    changes: ids.map((id) => ({ entity: 'task', id, gone: true })),
    grows: { tasks: -ids.length },
  }
}
