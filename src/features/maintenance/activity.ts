// The record of what happened is bounded for each user: the rate limit alone would let one who trashes
// and restores many tasks, again and again, fill the disk.
import { and, desc, lt, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { accountIdOf } from '../../core/parties.ts'
import { ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query, value } from '../../db/statement.ts'
import type { MaintenanceCtx } from './context.ts'
import { deleteSome, untilNone } from './some-rows.ts'
import { forEachUser } from './users.ts'

/** Events of one owner that are kept: some 50 MB. */
const EVENTS_KEPT = 100_000
/** Events that one batch may have, and more: who has made few has few. */
const MOST_OF_A_BATCH = 1_000

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { events } = t
  const own = ownedBy(events.ownerId)
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
    remove: deleteSome<{ owner: string; seq: number }>(dialect, {
      table: events,
      key: events.id,
      where: and(own, lt(events.seq, value(events.seq, 'seq'))),
    }),
  }
})

/** Of each owner's events, deletes those before the newest `kept`. */
export const pruneActivity = (ctx: MaintenanceCtx, kept = EVENTS_KEPT): Promise<void> =>
  forEachUser(ctx, {
    act: async (of) => {
      const { last, remove } = statements(of.db)
      const owner = accountIdOf(of)
      const found = await inTurn(of, () => of.db.one(last, { owner, kept }))
      if (found) await untilNone(of, remove, { owner, seq: found.seq })
    },
    wanted: ({ seq }) => seq * MOST_OF_A_BATCH > kept,
    failure: 'the record of what happened to a user could not be shortened',
  })
