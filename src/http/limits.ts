// Rate limits. Attempts to sign in are counted in the database, for all processes together; the rest in this process.
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { sha256 } from '../identity/secrets.ts'
import { HttpProblem } from './problem.ts'
import { countShared, type Standing } from './shared-limiter.ts'

/** So many requests in so many seconds. */
type Quota = { readonly name: string; readonly points: number; readonly seconds: number }

/** Counts one request of `key`. Answers the headers that tell the caller where it stands; throws `rate_limited`. */
export type Limiter = (key: string) => Promise<Record<string, string>>

/** The fields of draft-ietf-httpapi-ratelimit-headers: what is left, when it starts anew, and the rule. */
const headersOf = ({ name, points, seconds }: Quota, { remaining, ms }: Standing): Record<string, string> => ({
  RateLimit: `"${name}";r=${Math.max(0, remaining)};t=${Math.ceil(ms / 1000)}`,
  'RateLimit-Policy': `"${name}";q=${points};w=${seconds}`,
})

const limitBy =
  (quota: Quota, count: (key: string) => Promise<Standing>): Limiter =>
  async (key) => {
    const standing = await count(key)
    const headers = headersOf(quota, standing)
    if (standing.remaining >= 0) return headers
    const wait = Math.max(1, Math.ceil(standing.ms / 1000))
    const detail = `Too many requests: ${quota.points} in ${quota.seconds} seconds are allowed. Come back in ${wait} seconds.`
    throw new HttpProblem('rate_limited', detail, { ...headers, 'Retry-After': String(wait) })
  }

/** Counts in this process, by rate-limiter-flexible. */
const own = (quota: Quota): Limiter => {
  const limiter = new RateLimiterMemory({ points: quota.points, duration: quota.seconds })
  return limitBy(quota, async (key) => {
    const { msBeforeNext, consumedPoints } = await limiter.consume(key).catch((refused: RateLimiterRes) => refused)
    return { remaining: quota.points - consumedPoints, ms: msBeforeNext }
  })
}

/** Counts in the database, under a digest: who tried to sign in is not to be read there. */
const shared = (db: Database, clock: Clock, quota: Quota): Limiter =>
  limitBy(quota, async (key) => countShared(db, clock, await sha256(`${quota.name} ${key}`), quota))

const unlimited: Limiter = async () => ({})

/** The limits of the service: sign-in attempts per address and per account, everything else per user or address. */
export type Limits = { readonly authAddress: Limiter; readonly authAccount: Limiter; readonly caller: Limiter }

type Rates = { readonly on: boolean; readonly authAddress: number; readonly authAccount: number; readonly caller: number }

export const createLimits = (db: Database, clock: Clock, { on, ...rates }: Rates): Limits =>
  on
    ? {
        authAddress: shared(db, clock, { name: 'auth-address', points: rates.authAddress, seconds: 60 }),
        authAccount: shared(db, clock, { name: 'auth-account', points: rates.authAccount, seconds: 900 }),
        caller: own({ name: 'caller', points: rates.caller, seconds: 60 }),
      }
    : { authAddress: unlimited, authAccount: unlimited, caller: unlimited }
