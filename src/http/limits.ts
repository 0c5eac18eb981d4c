// The limit of requests per caller, counted in this service. Those of sign-ins are in
// sign-in-limits.ts.
import { LRUCache } from 'lru-cache'
import { type CountedPoints, noBroadcast, type Topic } from '../core/broadcast.ts'
import type { Clock } from '../core/clock.ts'
import type { Standing } from '../core/rate-limit-counters.ts'
import { HttpProblem } from './problem.ts'

/** So many requests in so many seconds. */
export type Rate = { readonly name: string; readonly points: number; readonly seconds: number }

/** Counts what callers take, in points. */
type Limiter = {
  /** Counts one request of `key`: a point. Throws `rate_limited`. */
  count(key: string): void
  /**
   * Counts what a request of `key` took beyond that, afterwards. Answers the fields that tell where
   * the caller stands.
   */
  charge(key: string, points: number): Record<string, string>
}

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers: what is left, when it starts anew, and the
 * rule.
 */
export const headersOf = (
  { name, points, seconds }: Rate,
  { remaining, ms }: Standing,
): Record<string, string> => ({
  RateLimit: `"${name}";r=${Math.max(0, Math.floor(remaining))};t=${Math.ceil(ms / 1000)}`,
  'RateLimit-Policy': `"${name}";q=${points};w=${seconds}`,
})

const refuseBeyond = (rate: Rate, standing: Standing): void => {
  if (standing.remaining >= 0) return
  const wait = Math.max(1, Math.ceil(standing.ms / 1000))
  const detail = `Too many requests: ${rate.points} in ${rate.seconds} seconds are allowed. Come back in ${wait} seconds.`
  throw new HttpProblem('rate_limited', detail, {
    ...headersOf(rate, standing),
    'Retry-After': String(wait),
  })
}

/**
 * Keys that are counted at a time; the caller that has been silent for longest is forgotten first.
 */
const MAX_COUNTED = 50_000

/** `told` are those of `points` that the other processes of this service know of. */
type Window = { points: number; told: number; endsAt: number }
/**
 * A process tells the others what it has counted whenever that is so much of what a caller may do.
 */
const TOLD_SHARE = 0.02

/**
 * Counts in this process, and what the others of this service tell: a caller gets at most so much
 * more as each of them has not told yet. No timer ever runs: Workers end them with the request that
 * set them.
 */
const own = (clock: Clock, rate: Rate, counted: Topic<CountedPoints>): Limiter => {
  // Its `max` would take a megabyte before anybody calls.
  const windows = new LRUCache<string, Window>({ maxSize: MAX_COUNTED, sizeCalculation: () => 1 })
  const step = Math.max(1, Math.floor(rate.points * TOLD_SHARE))
  const windowOf = (key: string, now: number, endsAt = now + rate.seconds * 1000): Window => {
    const found = windows.get(key)
    // One that ends later than it may was begun by a clock which was ahead: its caller would be
    // kept out until then.
    if (found && found.endsAt > now && found.endsAt <= now + rate.seconds * 1000) return found
    const begun = { points: 0, told: 0, endsAt }
    windows.set(key, begun)
    return begun
  }
  counted.hear(({ key, points, endsAt }) => {
    const now = clock.now()
    if (endsAt <= now) return
    // Clocks of processes differ a little.
    const ends = Math.min(endsAt, now + rate.seconds * 1000)
    const window = windowOf(key, now, ends)
    window.points += points
    window.told += points
    // Not the earlier end: what the other has counted would be forgotten here while it still holds
    // there.
    window.endsAt = Math.max(window.endsAt, ends)
  })
  const add = (key: string, points: number): Standing => {
    const now = clock.now()
    const window = windowOf(key, now)
    const wasWithin = window.points < rate.points
    window.points += points
    const untold = window.points - window.told
    if (untold >= step && wasWithin) {
      window.told = window.points
      void counted.tell({ key, points: untold, endsAt: window.endsAt })
    }
    return { remaining: rate.points - window.points, ms: window.endsAt - now }
  }
  return {
    count: (key) => refuseBeyond(rate, add(key, 1)),
    charge: (key, points) => headersOf(rate, add(key, points)),
  }
}

/** The limit of everything but sign-ins, per user or address. */
export type Limits = { readonly caller: Limiter }

type Rates = { readonly on: boolean; readonly caller: number }

export const createLimits = (
  clock: Clock,
  { on, caller }: Rates,
  { counted } = noBroadcast(),
): Limits => ({
  caller: on
    ? own(clock, { name: 'caller', points: caller, seconds: 60 }, counted)
    : { count: () => {}, charge: () => ({}) },
})
