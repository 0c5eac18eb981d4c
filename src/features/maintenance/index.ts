import type { Ctx } from '../../core/context.ts'
import { type Lease, leaseData, withLease } from '../../core/lease.ts'
import { instantOf } from '../../db/instant.ts'
import { FIRES_WITHIN_MS, settleMissed } from '../reminders/index.ts'
import { finishInterrupted } from './bulk.ts'
import { countChildren } from './children.ts'
import { look, type ObservedClock, olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { pruneDeliveries } from './deliveries.ts'
import { deleteExpired } from './expired.ts'
import { deriveInstants } from './instants.ts'
import { repairUnchecked } from './repair.ts'
import { pruneTombstones } from './tombstones.ts'
import { emptyTrash } from './trash.ts'

export { countChildren, deriveInstants, finishInterrupted, repairUnchecked }

const NAME = 'maintenance'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Timers fire a little early or late, and no run is to be left out for that. */
const SLACK = 5 * MINUTE

/** What is kept with the lease. When each part began last, in milliseconds since the epoch. */
type Kept = {
  readonly hourlyAt?: number
  readonly dailyAt?: number
  readonly clock?: ObservedClock
}

/**
 * Was this done too long ago? Also where it was done in the future: then the clock was ahead, or is
 * behind now.
 */
const isDue = (at: number | undefined, every: number, now: number): boolean =>
  at === undefined || Math.abs(now - at) >= every - SLACK

type Options = { readonly trashDays: number; readonly signal?: AbortSignal | undefined }

/**
 * To be called every hour or so by each process: of all processes on the database, one does what is
 * due. Every hour interrupted changes are finished, what has expired is deleted, what an older
 * version wrote is repaired, and reminders that could not fire for a day are given up. Every day, tasks leave the trash that have been there for `trashDays`
 * (0: never), and the change log forgets things that have long been gone. What cannot be undone
 * waits for the confirmed time. `signal` says that the process is to end. Throws LeaseLost.
 */
export const maintain = async (
  ctx: Omit<Ctx, 'actor'>,
  { trashDays, signal }: Options,
): Promise<void> => {
  const read = async (): Promise<Kept> => (await leaseData(ctx, NAME)) ?? {}
  const now = ctx.clock.now()
  if (!isDue((await read()).hourlyAt, HOUR, now)) return
  const work = async (lease: Lease): Promise<void> => {
    let kept = await read()
    // Another process did it just now.
    if (!isDue(kept.hourlyAt, HOUR, now)) return
    const observed = look(kept.clock, now)
    tell(ctx, kept.clock, now)
    const keep = (more: Kept): Promise<void> => {
      kept = { ...kept, ...more }
      return lease.keep(kept)
    }
    await keep({ clock: observed })
    const actor = { kind: 'system', userId: '', subject: '' } as const
    const system: MaintenanceCtx = { ...ctx, actor, lease, observed, signal }
    await finishInterrupted(system, { idleMs: 0 })
    await deleteExpired(system)
    await pruneDeliveries(system)
    await repairUnchecked(system)
    await countChildren(system)
    await settleMissed(system, instantOf(olderThan(observed, FIRES_WITHIN_MS)))
    if (isDue(kept.dailyAt, DAY, now)) {
      await emptyTrash(system, trashDays)
      await pruneTombstones(system)
      await keep({ dailyAt: now })
    }
    await keep({ hourlyAt: now })
  }
  await withLease(ctx, NAME, { work, signal })
}

/** Says where the clock is not where it was expected. */
const tell = ({ log }: Pick<Ctx, 'log'>, was: ObservedClock | undefined, now: number): void => {
  const last = was?.looks.at(-1)?.at
  if (last === undefined) return
  const hours = Math.round((now - last) / HOUR)
  if (now < last) log.warning('the clock was set back since the last maintenance', { hours })
  else if (now - last >= DAY)
    log.warning(
      'the clock has advanced by more than a day since the last maintenance: for another day, what became due in between is not deleted',
      { hours },
    )
}
