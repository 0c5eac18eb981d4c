// The keys of another issuer, fetched when a token needs them.
import type { CryptoKey } from 'jose'
import { createFetch } from '../../../core/bounded-fetch.ts'
import { type Clock, isWithin } from '../../../core/clock.ts'
import type { DomainError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'
import { type SingleFlight, singleFlight } from '../../../core/single-flight.ts'
import { unauthenticated } from './jwt-errors.ts'
import { fetchKeys, KeySetFailure, type PublishedKeys, type Signature } from './published-keys.ts'

export type KeySet = {
  /**
   * What `attempt` makes of the keys that may have made this signature. Where it makes nothing of
   * them, the issuer may have new ones: they are fetched, and it is called again. Throws
   * `unauthenticated` where no key fits, `unavailable` where the keys cannot be fetched.
   */
  search<T>(
    signature: Signature,
    attempt: (keys: readonly CryptoKey[]) => Promise<T | undefined>,
  ): Promise<T>
}

/** Keys are believed for this long. */
const KEPT_MS = 600_000
/** A clock that is set back by less does no harm. */
const STEP_MS = 1_000
/**
 * The issuer is asked for new keys at most this often, however many tokens name an unknown key.
 * They wait for it, so that a good one among them is not refused.
 */
const FLOOR_MS = 1_000
/** After a failure the issuer is not asked for this long. */
const FAILED_MS = 5_000
/** Where requests share no promises, one that waits for the fetch of another looks this often. */
const LOOK_MS = 50
/** A fetch that takes longer was of a request that has been ended. */
const ABANDONED_MS = 6_000

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

type Options = {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  readonly sharing?: SingleFlight
}

type Known = { readonly keys: PublishedKeys; readonly fetch: number; readonly at: number }

export const createKeySet = ({ url, clock, log, sharing = singleFlight }: Options): KeySet => {
  const get = createFetch({ clock, rememberedMs: 0 })
  // Fetches have numbers. What is not in the answer to one that began after a token came is not
  // published, while an older answer may lack the token's key.
  let begun = 0
  let beganAt = Number.NEGATIVE_INFINITY
  let ended = 0
  let known: Known | undefined
  let failed: { readonly failure: KeySetFailure; readonly at: number } | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  const fresh = (): Known | undefined => {
    const age = known && clock.now() - known.at
    return age !== undefined && age >= -STEP_MS && age < KEPT_MS ? known : undefined
  }
  const isFailing = (): boolean =>
    failed !== undefined && isWithin(FAILED_MS, failed.at, clock.now())
  const refusal = (): DomainError => {
    const { failure, at } = failed ?? { failure: KeySetFailure.from(undefined), at: clock.now() }
    const rest = Math.ceil((at + FAILED_MS - clock.now()) / 1000)
    return failure.refusal(Math.min(Math.max(rest, 1), FAILED_MS / 1000))
  }

  /** Waits for the fetch that another request has begun. Answers whether it has ended. */
  const hasEnded = async (other: number): Promise<boolean> => {
    while (ended < other && isWithin(ABANDONED_MS, beganAt, clock.now())) await pause(LOOK_MS)
    return ended >= other
  }
  /** Fetches the keys, one request at a time, also where each runs this itself. */
  const ask = sharing(async () => {
    while (ended < begun) {
      const other = begun
      if (await hasEnded(other)) return
      if (begun === other) break
    }
    const number = ++begun
    const at = clock.now()
    beganAt = at
    try {
      const keys = await fetchKeys(url, get)
      if (number > (known?.fetch ?? 0)) known = { keys, fetch: number, at }
      failed = undefined
    } catch (error) {
      const failure = error instanceof KeySetFailure ? error : KeySetFailure.from(error)
      failed = { failure, at: clock.now() }
      failure.tell(log, url)
    }
    ended = Math.max(ended, number)
  })
  /** The same, but not within the floor. */
  const look = sharing(async () => {
    const before = begun
    const rest = FLOOR_MS - (clock.now() - lookedAt)
    if (rest > 0) await pause(Math.min(rest, FLOOR_MS))
    if (begun === before) lookedAt = clock.now()
    // Where nothing is shared, another request may have asked meanwhile.
    if (begun === before || ended < begun) await ask()
  })

  const current = async (): Promise<Known> => {
    if (!fresh() && !isFailing()) await ask()
    const keys = fresh()
    if (keys) return keys
    throw refusal()
  }
  const next = async (): Promise<Known> => {
    if (!isFailing()) await look()
    if (failed) throw refusal()
    return current()
  }

  return {
    search: async (signature, attempt) => {
      const present = await current()
      const { keys, isNamed } = await present.keys.select(signature)
      const made = await attempt(keys)
      if (made !== undefined) return made
      const wrong = unauthenticated(
        signature.kid === undefined || isNamed
          ? "The token's signature is wrong."
          : "The token names a key that its issuer doesn't publish.",
      )
      // Few issuers give a new key the name of the old one: no token waits for that.
      if (isNamed && (isFailing() || isWithin(FLOOR_MS, lookedAt, clock.now()))) throw wrong
      for (;;) {
        const before = begun
        const newer = await next().catch((unavailable) => {
          throw isNamed ? wrong : unavailable
        })
        const found = await attempt((await newer.keys.select(signature)).keys)
        if (found !== undefined) return found
        if (newer.fetch > before) throw wrong
      }
    },
  }
}
