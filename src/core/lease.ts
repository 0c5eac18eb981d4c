// Work that one process at a time does, of all processes on a database: the holder of its lease.
import { and, eq, gt, lte, or } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { instantOf } from '../db/instant.ts'
import { insertIfFree } from '../db/portable.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import { isWithin, SKEW_MS } from './clock.ts'
import type { Ctx } from './context.ts'

/** What the work keeps from one time to the next, as JSON. */
export type LeaseData = Readonly<Record<string, unknown>>

export type Lease = {
  /**
   * Renews the lease; touches no row once another process has it. It belongs into every batch of
   * the work, behind its other writes, and must touch a row: so nothing is written by a process
   * that stalled until another one took over. No clock decides that. It is the last row that a
   * batch locks, so that no two batches wait for each other.
   */
  held(): Write
  /** Runs the writes with `held` behind them. Throws LeaseLost: then nothing was written. */
  atomic(writes: readonly Write[]): Promise<readonly number[]>
  /**
   * Renews the lease where that was not done for a while: for work that writes nothing for long.
   * Throws LeaseLost, also where the process is to end.
   */
  beat(): Promise<void>
  /** Keeps `data` for the next time. Throws LeaseLost. */
  keep(data: LeaseData): Promise<void>
}

/** Another process does this work now, or this process is to end. */
export class LeaseLost extends Error {
  constructor(name: string) {
    super(`${name} has stopped here: another process has its lease, or this one ends`)
  }
}

/** Milliseconds after the last renewal in which no other process takes the lease. */
const LENGTH_MS = 120_000
/** Renewed at least this often by work that goes on. */
const BEAT_MS = LENGTH_MS / 3
// Where the clocks of processes differ by more than SKEW_MS, one may take the lease of another too
// early: then that one stops.
const NONE = ''

type LeaseCtx = Pick<Ctx, 'db' | 'clock' | 'log'>

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { leases } = t
  const byName = eq(leases.name, value(leases.name, 'name'))
  const isHeld = and(byName, eq(leases.holder, value(leases.holder, 'holder')))
  return {
    data: query<{ data: LeaseData }>(q.select({ data: leases.data }).from(leases).where(byName)),
    make: compile(
      insertIfFree(dialect, q.insert(leases).values(everyColumn(leases)), { name: leases.name }),
    ),
    take: compile(
      q
        .update(leases)
        .set(placeholders(['holder', 'until']))
        .where(
          and(
            byName,
            or(
              eq(leases.holder, value(leases.holder, 'none')),
              lte(leases.until, value(leases.until, 'lapsed')),
            ),
          ),
        ),
    ),
    bringForward: compile(
      q
        .update(leases)
        .set(placeholders(['until']))
        .where(and(byName, gt(leases.until, value(leases.until, 'latest')))),
    ),
    renew: compile(
      q
        .update(leases)
        .set(placeholders(['until']))
        .where(isHeld),
    ),
    keep: compile(
      q
        .update(leases)
        .set(placeholders(['until', 'data']))
        .where(isHeld),
    ),
    release: compile(
      q
        .update(leases)
        .set({ holder: value(leases.holder, 'none') as never })
        .where(isHeld),
    ),
  }
})

/** What the work of this name keeps; undefined where it was never done. */
export const leaseData = async (
  { db }: Pick<Ctx, 'db'>,
  name: string,
): Promise<LeaseData | undefined> => (await db.one(statements(db).data, { name }))?.data

/**
 * Does `work` where no other process does work of this name, and gives the lease back at its end;
 * otherwise does nothing. A process that ends without that, or stalls, loses the lease in three
 * minutes. `signal` says that this process is to end. Throws LeaseLost, and what `work` throws.
 */
export const withLease = async (
  ctx: LeaseCtx,
  name: string,
  { work, signal }: { work: (lease: Lease) => Promise<void>; signal?: AbortSignal | undefined },
): Promise<void> => {
  const holder = crypto.randomUUID()
  if (!(await take(ctx, name, holder))) return
  try {
    await work(leaseOf(ctx, { name, holder, signal }))
  } finally {
    await ctx.db
      .atomic([write(statements(ctx.db).release, { name, holder, none: NONE })])
      .catch((error: unknown) =>
        // The end of the process has closed the database before.
        signal?.aborted
          ? undefined
          : ctx.log.warning('a lease could not be given back, and ends by itself', { name, error }),
      )
  }
}

const take = async ({ db, clock }: LeaseCtx, name: string, holder: string): Promise<boolean> => {
  const { make, take: taking, bringForward } = statements(db)
  const now = clock.now()
  const until = instantOf(now + LENGTH_MS)
  const outcome = await db.atomic(
    [
      write(make, { name, holder: NONE, until: instantOf(now), data: {} }),
      write(taking, { name, holder, until, none: NONE, lapsed: instantOf(now - SKEW_MS) }),
    ],
    { mustTouch: [1] },
  )
  if (outcome !== 'stale') return true
  // A clock that was ahead would else keep it for as long as it was ahead. A holder that is alive
  // renews it before it lapses.
  const latest = instantOf(now + LENGTH_MS + SKEW_MS)
  await db.atomic([write(bringForward, { name, until, latest })])
  return false
}

type Held = {
  readonly name: string
  readonly holder: string
  readonly signal: AbortSignal | undefined
}

const leaseOf = ({ db, clock }: LeaseCtx, { name, holder, signal }: Held): Lease => {
  let renewedAt = clock.now()
  const until = () => instantOf(clock.now() + LENGTH_MS)
  const held = () => write(statements(db).renew, { name, holder, until: until() })
  const run = async (writes: readonly Write[], last: Write): Promise<readonly number[]> => {
    if (signal?.aborted) throw new LeaseLost(name)
    const at = clock.now()
    const outcome = await db.atomic([...writes, last], { mustTouch: [writes.length] })
    if (outcome === 'stale') throw new LeaseLost(name)
    renewedAt = at
    return outcome
  }
  return {
    held,
    atomic: (writes) => run(writes, held()),
    beat: async () => {
      if (signal?.aborted || !isWithin(BEAT_MS, renewedAt, clock.now())) await run([], held())
    },
    keep: async (data) => {
      await run([], write(statements(db).keep, { name, holder, until: until(), data }))
    },
  }
}
