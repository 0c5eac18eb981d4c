// Jobs of maintenance: of all processes on the database, one does each of them at a time, and what
// was done is not done again before it is due.
import type { Ctx } from '../../core/context.ts'
import type { Job, Outcome } from '../../core/job.ts'
import { createKeyedQueue } from '../../core/keyed-queue.ts'
import { type Lease, leaseData, withLease } from '../../core/lease.ts'
import { look, type ObservedClock } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'

const NAME = 'maintenance'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Timers fire a little early or late, and no run is to be left out for that. */
const SLACK = 5 * MINUTE

/** What is kept with the lease. When each job began last, in milliseconds since the epoch. */
type Kept = {
  readonly begun?: Readonly<Record<string, number>>
  readonly clock?: ObservedClock
}

/**
 * Was this done too long ago? Also where it was done in the future: then the clock was ahead, or is
 * behind now.
 */
const isDue = (at: number | undefined, every: number, now: number): boolean =>
  at === undefined || Math.abs(now - at) >= every - SLACK

type Part = {
  readonly name: string
  readonly every: number
  readonly act: (ctx: MaintenanceCtx) => Promise<unknown>
}

/** Makes jobs that share a lease, so that one runs at a time. Each run may throw LeaseLost. */
export const createLeasedJobs = (ctx: Omit<Ctx, 'actor'>) => {
  const turns = createKeyedQueue()
  const read = async (): Promise<Kept> => (await leaseData(ctx, NAME)) ?? {}

  const doPart = async (part: Part, lease: Lease, signal: AbortSignal): Promise<void> => {
    const now = ctx.clock.now()
    let kept = await read()
    // Another process did it just now.
    if (!isDue(kept.begun?.[part.name], part.every, now)) return
    const observed = look(kept.clock, now)
    tell(ctx, kept.clock, now)
    const keep = (more: Kept): Promise<void> => {
      kept = { ...kept, ...more }
      return lease.keep(kept)
    }
    await keep({ clock: observed })
    const actor = { kind: 'system', userId: '', subject: '' } as const
    await part.act({ ...ctx, actor, lease, observed, signal })
    await keep({ begun: { ...kept.begun, [part.name]: now } })
  }

  const run = async (part: Part, signal: AbortSignal): Promise<Outcome> => {
    const { name, every } = part
    if (isDue((await read()).begun?.[name], every, ctx.clock.now()))
      await withLease(ctx, NAME, { work: (lease) => doPart(part, lease, signal), signal })
    const [at, now] = [(await read()).begun?.[name], ctx.clock.now()]
    if (at !== undefined && !isDue(at, every, now)) return { next: Math.min(at, now) + every }
    // Another process has the lease. Soon it has done this, or has ended.
    return { next: now + MINUTE, ...(at !== undefined && { overdueSince: at + every }) }
  }

  return (part: Part): Job => ({
    name: part.name,
    every: part.every,
    run: ({ signal }) => turns.run(NAME, () => run(part, signal)),
  })
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
