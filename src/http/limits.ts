// Rate limits. Attempts to sign in are counted in the database, for all processes together; the rest in this process.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { countAttempt, type Standing } from '../identity/attempts.ts'
import { sha256 } from '../identity/secrets.ts'
import { HttpProblem } from './problem.ts'

/** So many requests in so many seconds. */
type Rate = { readonly name: string; readonly points: number; readonly seconds: number }

/** Counts one request of `key`. Answers the headers that tell the caller where it stands; throws `rate_limited`. */
export type Limiter = (key: string) => Promise<Record<string, string>>

/** The fields of draft-ietf-httpapi-ratelimit-headers: what is left, when it starts anew, and the rule. */
const headersOf = ({ name, points, seconds }: Rate, { remaining, ms }: Standing): Record<string, string> => ({
  RateLimit: `"${name}";r=${Math.max(0, remaining)};t=${Math.ceil(ms / 1000)}`,
  'RateLimit-Policy': `"${name}";q=${points};w=${seconds}`,
})

const limitBy =
  (rate: Rate, count: (key: string) => Promise<Standing>): Limiter =>
  async (key) => {
    const standing = await count(key)
    const headers = headersOf(rate, standing)
    if (standing.remaining >= 0) return headers
    const wait = Math.max(1, Math.ceil(standing.ms / 1000))
    const detail = `Too many requests: ${rate.points} in ${rate.seconds} seconds are allowed. Come back in ${wait} seconds.`
    throw new HttpProblem('rate_limited', detail, { ...headers, 'Retry-After': String(wait) })
  }

/** Keys that are counted at a time; whoever has not called for longest is forgotten first. */
const MAX_COUNTED = 50_000

/** Counts in this process. No timer ever runs: Workers end them with the request that set them. */
const own = (clock: Clock, rate: Rate): Limiter => {
  // Its `max` would take a megabyte before anybody calls.
  const windows = new LRUCache<string, { points: number; readonly endsAt: number }>({ maxSize: MAX_COUNTED, sizeCalculation: () => 1 })
  return limitBy(rate, async (key) => {
    const now = clock.now()
    let window = windows.get(key)
    if (!window || window.endsAt <= now) {
      window = { points: 0, endsAt: now + rate.seconds * 1000 }
      windows.set(key, window)
    }
    window.points++
    return { remaining: Math.max(-1, rate.points - window.points), ms: window.endsAt - now }
  })
}

/** Counts in the database, under a digest: who tried to sign in is not to be read there. */
const shared = (db: Database, clock: Clock, rate: Rate): Limiter =>
  limitBy(rate, async (key) => countAttempt(db, clock, await sha256(`${rate.name} ${key}`), rate))

const unlimited: Limiter = async () => ({})

/** The limits of the service: sign-in attempts per address and per account, everything else per user or address. */
export type Limits = { readonly authAddress: Limiter; readonly authAccount: Limiter; readonly caller: Limiter }

type Rates = { readonly on: boolean; readonly authAddress: number; readonly authAccount: number; readonly caller: number }

export const createLimits = (db: Database, clock: Clock, { on, ...rates }: Rates): Limits =>
  on
    ? {
        authAddress: shared(db, clock, { name: 'auth-address', points: rates.authAddress, seconds: 60 }),
        authAccount: shared(db, clock, { name: 'auth-account', points: rates.authAccount, seconds: 900 }),
        caller: own(clock, { name: 'caller', points: rates.caller, seconds: 60 }),
      }
    : { authAddress: unlimited, authAccount: unlimited, caller: unlimited }
