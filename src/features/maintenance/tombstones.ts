// Entries of the change log that say that something is gone, and are so old that no reader needs
// them.
import { and, asc, eq, gt, lt, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import {
  compile,
  fillList,
  LISTED,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  write,
} from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { forEachUser } from './users.ts'

const DAY = 24 * 60 * 60 * 1000
/** A reader that has heard nothing for so long begins anew. */
const KEPT_MS = 90 * DAY
/** Rows of one user that are looked at together. */
const PAGE = 500
type Entry = {
  readonly seq: number
  readonly id: string
  readonly gone: boolean
  readonly changedAt: string
}

const statements = perDialect(({ q, t: { changes, users } }) => {
  const own = ofAccount(changes.readerId)
  const isOld = and(
    eq(changes.gone, value(changes.gone, 'gone')),
    lt(changes.changedAt, value(changes.changedAt, 'before')),
  )
  return {
    page: query<Entry>(
      q
        .select({
          seq: changes.seq,
          id: changes.entityId,
          gone: changes.gone,
          changedAt: changes.changedAt,
        })
        .from(changes)
        .where(and(own, gt(changes.entityId, value(changes.entityId, 'after'))))
        .orderBy(asc(changes.entityId))
        .limit(sql.placeholder('limit')),
    ),
    /** A reader that stands before it may miss one of them. */
    raiseFloor: compile(
      q
        .update(users)
        .set({
          logFloor:
            sql`case when ${users.logFloor} < ${sql.placeholder('seq')} then ${value(users.logFloor, 'seq')} else ${users.logFloor} end` as never,
        })
        .where(eq(users.id, value(users.id, 'reader'))),
    ),
    remove: perSlots((slots) =>
      compile(
        q
          .delete(changes)
          .where(
            and(
              own,
              isOld,
              sql`${changes.entityId} in ${listOf(changes.entityId, 'entity', slots)}`,
            ),
          ),
      ),
    ),
  }
})

/** Deletes tombstones that are older than 90 days, user by user. */
export const pruneTombstones = async (ctx: MaintenanceCtx): Promise<void> => {
  const before = instantOf(olderThan(ctx.observed, KEPT_MS))
  await forEachUser(ctx, {
    act: (of) => pruneOf(of, before),
    failure: 'the change log of a user could not be shortened',
  })
}

const pruneOf = async (ctx: MaintenanceCtx, before: string): Promise<void> => {
  const { page, raiseFloor, remove } = statements(ctx.db)
  const reader = readerIdOf(ctx)
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const entries: Entry[] = await inTurn(ctx, () =>
      ctx.db.all(page, { reader, after, limit: PAGE }),
    )
    const old = entries.filter(({ gone, changedAt }) => gone && changedAt < before)
    const seq = Math.max(0, ...old.map((entry) => entry.seq))
    const ids = old.map(({ id }) => id)
    const removals = slices(ids, LISTED).map((part) =>
      write(remove(slotsFor(part.length)), {
        reader,
        gone: true,
        before,
        ...fillList('entity', part),
      }),
    )
    const floor = write(raiseFloor, { reader, seq })
    if (removals.length > 0) await inTurn(ctx, () => ctx.lease.atomic([floor, ...removals]))
    after = entries.length < PAGE ? undefined : entries.at(-1)?.id
  }
}
