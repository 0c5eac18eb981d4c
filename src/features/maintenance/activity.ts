// The record of what happened is bounded for each user: the rate limit alone would let one who trashes
// and restores many tasks, again and again, fill the disk.
import { and, desc, inArray, lt, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { accountIdOf } from '../../core/parties.ts'
import { ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { compile, query, value, write } from '../../db/statement.ts'
import type { MaintenanceCtx } from './context.ts'
import { forEachUser } from './users.ts'

/** Events of one owner that are kept: some 50 MB. */
const EVENTS_KEPT = 100_000
/** Events that one batch may have, and more: who has made few has few. */
const MOST_OF_A_BATCH = 1_000
/** Rows that one statement deletes at most. */
const BATCH = 500

const statements = perDialect(({ q, t: { events } }) => {
  const own = ownedBy(events.ownerId)
  const older = and(own, lt(events.seq, value(events.seq, 'seq')))
  return {
    /** The number of the newest batch of which not all is kept. */
    last: query<{ seq: number }>(
      q
        .select({ seq: events.seq })
        .from(events)
        .where(own)
        .orderBy(desc(events.seq), desc(events.id))
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('kept')),
    ),
    // Wrapped, because MySQL takes no LIMIT in an IN, and no subquery of the table that it changes.
    remove: compile(
      q
        .delete(events)
        .where(
          inArray(
            events.id,
            sql`(select oldest.id from (select ${events.id} from ${events} where ${older} limit ${sql.raw(String(BATCH))}) as oldest)`,
          ),
        ),
    ),
  }
})

/** Of each owner's events, deletes those before the newest `kept`. */
export const pruneActivity = (ctx: MaintenanceCtx, kept = EVENTS_KEPT): Promise<void> =>
  forEachUser(ctx, {
    act: async (of) => {
      const { last, remove } = statements(of.db)
      const owner = accountIdOf(of)
      const found = await inTurn(of, () => of.db.one(last, { owner, kept }))
      for (let deleted = found ? BATCH : 0; found && deleted >= BATCH; ) {
        const { seq } = found
        const touched = await inTurn(of, () => of.lease.atomic([write(remove, { owner, seq })]))
        deleted = touched[0] ?? 0
      }
    },
    wanted: ({ seq }) => seq * MOST_OF_A_BATCH > kept,
    failure: 'the record of what happened to a user could not be shortened',
  })
