// Counters in rows of the database, so that all processes on it count together. Each counts in
// windows of a fixed length.
import { and, eq, gt, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { insertIfFree } from '../db/portable.ts'
import { compile, everyColumn, query, value, type Write, write } from '../db/statement.ts'
import type { Clock } from './clock.ts'
import { DomainError } from './errors.ts'

/** Something to count: its row's key (64 characters), and how many points it takes in `seconds`. */
export type Counter = { readonly key: string; readonly bound: number; readonly seconds: number }

/** Where a counter stands: the points that are left, and the milliseconds until its window ends. */
export type Standing = { readonly remaining: number; readonly ms: number }

/**
 * Was the point counted, when (milliseconds since the epoch), and where each counter stands after
 * it, in their order.
 */
export type Count = {
  readonly counted: boolean
  readonly at: number
  readonly standings: readonly Standing[]
}

type Row = { key: string; points: number; resetsAt: Instant }

/** Counters that are counted at once, at most. */
const MOST = 8
const slots = Array.from({ length: MOST }, (_, i) => `key${i}`)

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { rateLimits } = t
  const byKey = eq(rateLimits.key, value(rateLimits.key, 'key'))
  const keys: SQL[] = slots.map((slot) => value(rateLimits.key, slot))
  const over = lte(rateLimits.resetsAt, value(rateLimits.resetsAt, 'now'))
  const tooLate = gt(rateLimits.resetsAt, value(rateLimits.resetsAt, 'end'))
  const end = value(rateLimits.resetsAt, 'end')
  return {
    read: query<Row>(
      q
        .select({ key: rateLimits.key, points: rateLimits.points, resetsAt: rateLimits.resetsAt })
        .from(rateLimits)
        .where(sql`${rateLimits.key} in (${sql.join(keys, sql`, `)})`),
    ),
    begin: compile(
      insertIfFree(dialect, q.insert(rateLimits).values(everyColumn(rateLimits)), {
        key: rateLimits.key,
      }),
    ),
    // MySQL sets columns from left to right: `points` is decided by the end that stands there
    // before.
    take: compile(
      q
        .update(rateLimits)
        .set({
          points: sql`case when ${over} then 1 else ${rateLimits.points} + 1 end` as never,
          resetsAt:
            sql`case when ${or(over, tooLate)} then ${end} else ${rateLimits.resetsAt} end` as never,
        })
        .where(and(byKey, or(lt(rateLimits.points, value(rateLimits.points, 'bound')), over))),
    ),
    bringForward: compile(
      q
        .update(rateLimits)
        .set({ resetsAt: end as never })
        .where(and(byKey, tooLate)),
    ),
    giveBack: compile(
      q
        .update(rateLimits)
        .set({ points: sql`${rateLimits.points} - 1` as never })
        .where(
          and(
            byKey,
            gt(rateLimits.points, value(rateLimits.points, 'none')),
            lte(rateLimits.resetsAt, end),
          ),
        ),
    ),
  }
})

/** Every writer takes rows in this order, so that no two wait for each other. */
const inOrder = (counters: readonly Counter[]): Counter[] =>
  [...counters].sort((a, b) => (a.key < b.key ? -1 : 1))
const endOf = (nowMs: number, { seconds }: Counter): Instant => instantOf(nowMs + seconds * 1000)

const ATTEMPTS = 5

/**
 * Counts one point on each of at most eight counters, or on none where one of them is full: then
 * nothing is written. A window never ends later than its length from now, however the clock was
 * set. Throws `unavailable` where others are faster too often.
 */
export const countPoint = async (
  db: Database,
  clock: Clock,
  counters: readonly Counter[],
): Promise<Count> => {
  const { take, begin } = statements(db)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const nowMs = clock.now()
    const found = await read(db, counters)
    const before = counters.map((counter) => standingOf(counter, found.get(counter.key), nowMs))
    if (before.some(({ remaining }) => remaining <= 0)) {
      await bringForward(db, counters, found, nowMs)
      return { counted: false, at: nowMs, standings: before }
    }
    const ordered = inOrder(counters)
    const fresh = ordered.filter(({ key }) => !found.has(key))
    const writes: Write[] = [
      ...fresh.map((counter) =>
        write(begin, { key: counter.key, points: 0, resetsAt: endOf(nowMs, counter) }),
      ),
      ...ordered.map((counter) =>
        write(take, {
          key: counter.key,
          bound: counter.bound,
          now: instantOf(nowMs),
          end: endOf(nowMs, counter),
        }),
      ),
    ]
    const outcome = await db.atomic(writes, { mustTouch: ordered.map((_, i) => fresh.length + i) })
    if (outcome !== 'stale')
      return {
        counted: true,
        at: nowMs,
        standings: before.map(({ remaining, ms }) => ({ remaining: remaining - 1, ms })),
      }
  }
  throw new DomainError(
    'unavailable',
    'Too much is counted at this moment. Try again in a few seconds.',
  )
}

/**
 * Takes back a point that was counted at `countedAt` (milliseconds since the epoch), where its
 * window has not ended since.
 */
export const giveBackPoint = async (
  db: Database,
  counters: readonly Counter[],
  countedAt: number,
): Promise<void> => {
  const { giveBack } = statements(db)
  // A window that began after the point was counted ends later than any that was open then.
  await db.atomic(
    inOrder(counters).map((counter) =>
      write(giveBack, { key: counter.key, none: 0, end: endOf(countedAt, counter) }),
    ),
  )
}

const read = async (db: Database, counters: readonly Counter[]): Promise<Map<string, Row>> => {
  const last = counters.at(-1)?.key ?? ''
  const keys = Object.fromEntries(slots.map((slot, i) => [slot, counters[i]?.key ?? last]))
  return new Map((await db.all(statements(db).read, keys)).map((row) => [row.key, row]))
}

const standingOf = (counter: Counter, row: Row | undefined, nowMs: number): Standing => {
  const length = counter.seconds * 1000
  const ms = row ? Math.min(Date.parse(row.resetsAt) - nowMs, length) : 0
  return row && ms > 0
    ? { remaining: counter.bound - row.points, ms }
    : { remaining: counter.bound, ms: length }
}

/** Ends windows that a clock which was ahead has set too late, so that they end at all. */
const bringForward = async (
  db: Database,
  counters: readonly Counter[],
  found: Map<string, Row>,
  nowMs: number,
): Promise<void> => {
  const late = inOrder(counters).filter(
    (counter) => (found.get(counter.key)?.resetsAt ?? '') > endOf(nowMs, counter),
  )
  if (late.length === 0) return
  const { bringForward: earlier } = statements(db)
  await db.atomic(
    late.map((counter) => write(earlier, { key: counter.key, end: endOf(nowMs, counter) })),
  )
}
