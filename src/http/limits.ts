// Rate limits, by rate-limiter-flexible. Counters live in this process.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { HttpProblem } from './problem.ts'

/** So many requests in so many seconds. */
export type Quota = { readonly name: string; readonly points: number; readonly seconds: number }

/** Counts one request of `key`. Answers the headers that tell the caller where it stands; throws `rate_limited`. */
export type Limiter = (key: string) => Promise<Record<string, string>>

/** The fields of draft-ietf-httpapi-ratelimit-headers: what is left, when it starts anew, and the rule. */
const headersOf = ({ name, points, seconds }: Quota, state: RateLimiterRes): Record<string, string> => ({
  RateLimit: `"${name}";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1000)}`,
  'RateLimit-Policy': `"${name}";q=${points};w=${seconds}`,
})

export const createLimiter = (quota: Quota): Limiter => {
  const limiter = new RateLimiterMemory({ points: quota.points, duration: quota.seconds })
  return async (key) => {
    try {
      return headersOf(quota, await limiter.consume(key))
    } catch (state) {
      if (!(state instanceof RateLimiterRes)) throw state
      const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
      throw new HttpProblem(
        'rate_limited',
        `Too many requests: ${quota.points} in ${quota.seconds} seconds are allowed. Come back in ${seconds} seconds.`,
        {
          ...headersOf(quota, state),
          'Retry-After': String(seconds),
        },
      )
    }
  }
}

const unlimited: Limiter = async () => ({})

/** The limits of the service: sign-in attempts per address and per account, everything else per user or address. */
export type Limits = { readonly authAddress: Limiter; readonly authAccount: Limiter; readonly caller: Limiter }

export const createLimits = (on: boolean, rates: { authAddress: number; authAccount: number; caller: number }): Limits =>
  on
    ? {
        authAddress: createLimiter({ name: 'auth-address', points: rates.authAddress, seconds: 60 }),
        authAccount: createLimiter({ name: 'auth-account', points: rates.authAccount, seconds: 900 }),
        caller: createLimiter({ name: 'caller', points: rates.caller, seconds: 60 }),
      }
    : { authAddress: unlimited, authAccount: unlimited, caller: unlimited }
