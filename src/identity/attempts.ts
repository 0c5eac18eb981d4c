import { and, eq, lt, lte, sql } from 'drizzle-orm'
import type { Clock } from '../core/clock.ts'
import { type Database, perDialect } from '../db/database.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { insertIfFree } from '../db/portable.ts'
import { compile, everyColumn, placeholders, query, value, write } from '../db/statement.ts'

type Counter = { points: number; resetsAt: Instant }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { rateLimits } = t
  const byKey = eq(rateLimits.key, value(rateLimits.key, 'key'))
  return {
    begin: compile(insertIfFree(dialect, q.insert(rateLimits).values(everyColumn(rateLimits)), { key: rateLimits.key })),
    beginAnew: compile(
      q
        .update(rateLimits)
        .set(placeholders(['points', 'resetsAt']))
        .where(and(byKey, lte(rateLimits.resetsAt, value(rateLimits.resetsAt, 'now')))),
    ),
    take: compile(
      q
        .update(rateLimits)
        .set({ points: sql`${rateLimits.points} + 1` as never })
        .where(and(byKey, lt(rateLimits.points, value(rateLimits.points, 'quota')))),
    ),
    read: query<Counter>(q.select({ points: rateLimits.points, resetsAt: rateLimits.resetsAt }).from(rateLimits).where(byKey)),
  }
})

/** Where a caller stands: what is left (-1: nothing was, so it is refused), and the milliseconds until it starts anew. */
export type Standing = { readonly remaining: number; readonly ms: number }
type Limit = { readonly points: number; readonly seconds: number }

/**
 * Counts one attempt of `key` (64 characters at most) in a row of the database, so that all processes on it count together.
 * Whoever has nothing left is told so without a write.
 */
export const countAttempt = async (db: Database, clock: Clock, key: string, { points: quota, seconds }: Limit): Promise<Standing> => {
  const { begin, beginAnew, take, read } = statements(db)
  const nowMs = clock.now()
  const fresh = { key, points: 0, resetsAt: instantOf(nowMs + seconds * 1000) }
  const standing = ({ points, resetsAt }: Counter, refused: boolean): Standing => ({
    remaining: refused ? -1 : quota - points,
    ms: Math.max(0, Date.parse(resetsAt) - nowMs),
  })
  const before = await db.one(read, { key })
  if (before && before.points >= quota && Date.parse(before.resetsAt) > nowMs) return standing(before, true)
  const attempt = [write(begin, fresh), write(beginAnew, { ...fresh, now: instantOf(nowMs) }), write(take, { key, quota })]
  const outcome = await db.atomic(attempt, { mustTouch: [2] })
  return standing((await db.one(read, { key })) ?? fresh, outcome === 'stale')
}
