// Limits of sign-ins. Attempts are counted in the database, for all processes on it together.
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/database.ts'
import { countAttempt } from '../identity/attempts.ts'
import { sha256 } from '../identity/secrets.ts'
import { headersOf, type Rate, refuseBeyond } from './limits.ts'

/** Counts in the database; answers the headers that tell the caller where it stands. Throws `rate_limited`. */
type SharedLimiter = (key: string) => Promise<Record<string, string>>

/** Counts in the database, under a digest: who tried to sign in is not to be read there. */
const shared =
  (db: Database, clock: Clock, rate: Rate): SharedLimiter =>
  async (key) => {
    const standing = await countAttempt(db, clock, await sha256(`${rate.name} ${key}`), rate)
    refuseBeyond(rate, standing)
    return headersOf(rate, standing)
  }

const unlimited: SharedLimiter = async () => ({})

/** Sign-in attempts per address and per account. */
export type SignInLimits = { readonly authAddress: SharedLimiter; readonly authAccount: SharedLimiter }

type Rates = { readonly on: boolean; readonly authAddress: number; readonly authAccount: number }

export const createSignInLimits = (db: Database, clock: Clock, rates: Rates): SignInLimits =>
  rates.on
    ? {
        authAddress: shared(db, clock, { name: 'auth-address', points: rates.authAddress, seconds: 60 }),
        authAccount: shared(db, clock, { name: 'auth-account', points: rates.authAccount, seconds: 900 }),
      }
    : { authAddress: unlimited, authAccount: unlimited }
