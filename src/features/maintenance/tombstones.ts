// Entries of the change log that say that something is gone, and are so old that no reader needs
// them.
import { and, asc, eq, gt, lt, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import {
  compile,
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  write,
} from '../../db/statement.ts'
import { changeSetting, settingOf } from '../../identity/settings.ts'
import { forEachUser } from './users.ts'

const DAY = 24 * 60 * 60 * 1000
/** A reader that has heard nothing for so long begins anew. */
const KEPT_MS = 90 * DAY
/** Rows of one user that are looked at together. */
const PAGE = 500
/** Rows that one statement deletes: D1 takes 100 values. */
const LISTED = 64

type Entry = { readonly id: string; readonly gone: boolean; readonly changedAt: string }

const statements = perDialect(({ q, t: { changes } }) => {
  const own = ofAccount(changes.readerId)
  const isOld = and(
    eq(changes.gone, value(changes.gone, 'gone')),
    lt(changes.changedAt, value(changes.changedAt, 'before')),
  )
  return {
    page: query<Entry>(
      q
        .select({ id: changes.entityId, gone: changes.gone, changedAt: changes.changedAt })
        .from(changes)
        .where(and(own, gt(changes.entityId, value(changes.entityId, 'after'))))
        .orderBy(asc(changes.entityId))
        .limit(sql.placeholder('limit')),
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
export const pruneTombstones = async (ctx: Ctx): Promise<void> => {
  const until = await horizon(ctx)
  if (until === undefined) return
  const before = instantOf(until)
  await forEachUser(ctx, {
    act: (of) => pruneOf(of, before),
    failure: 'the change log of a user could not be shortened',
  })
}

const pruneOf = async (ctx: Ctx, before: string): Promise<void> => {
  const { page, remove } = statements(ctx.db)
  const reader = readerIdOf(ctx)
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const entries: Entry[] = await inTurn(ctx, () =>
      ctx.db.all(page, { reader, after, limit: PAGE }),
    )
    const old = entries
      .filter(({ gone, changedAt }) => gone && changedAt < before)
      .map(({ id }) => id)
    const lists = Array.from({ length: Math.ceil(old.length / LISTED) }, (_, i) =>
      old.slice(i * LISTED, (i + 1) * LISTED),
    )
    const removals = lists.map((ids) =>
      write(remove(slotsFor(ids.length)), {
        reader,
        gone: true,
        before,
        ...fillList('entity', ids),
      }),
    )
    if (removals.length > 0) await inTurn(ctx, () => ctx.db.atomic(removals))
    after = entries.length < PAGE ? undefined : entries.at(-1)?.id
  }
}

/**
 * The setting that holds how far the last round went, and what the clock said then, in
 * milliseconds.
 */
const PRUNED = 'tombstones_pruned'
/** The horizon moves so far in one round at most: after a pause it catches up in some days. */
const STEP_MS = 7 * DAY
/** Rounds with less between them are of one day, as when the process starts again and again. */
const ANOTHER_DAY_MS = 20 * 60 * 60 * 1000

/**
 * Before when tombstones are pruned now, in milliseconds; undefined where this day had its round.
 * One reading of a clock that is far ahead moves it by a week, and not by as much as it is ahead.
 * The first round of a database only notes the time.
 */
const horizon = async ({ db, clock }: Ctx): Promise<number | undefined> => {
  const now = clock.now()
  const wanted = now - KEPT_MS
  const stored = await settingOf(db, PRUNED)
  const last =
    stored === undefined ? undefined : (JSON.parse(stored) as { until: number; at: number })
  if (last && Math.abs(now - last.at) < ANOTHER_DAY_MS) return undefined
  const until = last ? Math.min(wanted, last.until + STEP_MS) : wanted
  await changeSetting(db, PRUNED, JSON.stringify({ until, at: now }))
  return last && until
}
