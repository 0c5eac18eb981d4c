// What an issuer answers where it publishes its keys (RFC 7517), or what it answers instead.
import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { type Fetch, Unanswered } from '../../../core/bounded-fetch.ts'
import { DomainError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'

/** The parts of a token's header that tell its key. */
export type Signature = { readonly alg: string; readonly kid: string | undefined }

export type PublishedKeys = {
  /**
   * The keys that may have made this signature: the one of its `kid` (`isNamed`), or if there is
   * none those without any. Without a `kid` all of its algorithm. None that cannot be used.
   */
  select(
    signature: Signature,
  ): Promise<{ readonly keys: readonly CryptoKey[]; readonly isNamed: boolean }>
}

/** More than any issuer needs. Each is tried with each token that does not name one. */
const MOST_CANDIDATES = 50

const keysOf = (set: JSONWebKeySet): PublishedKeys => {
  const all = createLocalJWKSet(set)
  const unnamed = createLocalJWKSet({ keys: set.keys.filter(({ kid }) => kid === undefined) })
  return {
    select: async ({ alg, kid }) => {
      const named = kid === undefined ? [] : await candidates(all, { alg, kid })
      if (named.length > 0) return { keys: named, isNamed: true }
      return { keys: await candidates(kid === undefined ? all : unnamed, { alg }), isNamed: false }
    },
  }
}

const candidates = async (
  keys: ReturnType<typeof createLocalJWKSet>,
  header: { readonly alg: string; readonly kid?: string },
): Promise<CryptoKey[]> => {
  try {
    return [await keys(header)]
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return []
    const several: CryptoKey[] = []
    for await (const key of error) if (several.push(key) === MOST_CANDIDATES) break
    return several
  }
}

/** Throws KeySetFailure. */
export const fetchKeys = async (url: string, fetch: Fetch): Promise<PublishedKeys> => {
  const answer = await fetch(url, {
    method: 'GET',
    headers: { Accept: 'application/json, application/jwk-set+json' },
  }).catch((error) => {
    throw KeySetFailure.from(error)
  })
  const { status } = answer
  if (status !== 200)
    throw new KeySetFailure(
      `answers ${status}${status >= 300 && status < 400 ? ', and redirects are not followed' : ''}`,
      { isLasting: status < 500 && !PASSING.includes(status) },
    )
  try {
    return keysOf((await answer.json()) as JSONWebKeySet)
  } catch (cause) {
    throw new KeySetFailure('answers something else than a key set', { isLasting: true, cause })
  }
}
/** Request Timeout, Too Early, Too Many Requests. */
const PASSING = [408, 425, 429]

type Circumstances = ErrorOptions & { readonly isLasting: boolean }

/**
 * There are no keys. `isLasting`: the issuer has answered, and will not answer otherwise to the next
 * request: the address is not the right one, or the issuer is set up wrongly.
 */
export class KeySetFailure extends Error {
  readonly isLasting: boolean
  constructor(message: string, { isLasting, ...options }: Circumstances) {
    super(message, options)
    this.isLasting = isLasting
  }

  static from(error: unknown): KeySetFailure {
    const code = error instanceof Unanswered ? error.code : 'UNKNOWN'
    if (code === 'TOO_LARGE')
      return new KeySetFailure('answers more than a key set has', { isLasting: true, cause: error })
    return new KeySetFailure(`does not answer (${code})`, { isLasting: false, cause: error })
  }

  /** The refusal of a token of this issuer, for whose keys it is asked again after `retryAfter` seconds. */
  refusal(retryAfter: number): DomainError {
    return this.isLasting
      ? new DomainError(
          'unavailable',
          `This service is not set up right for the issuer of this token: the address where it looks for the issuer's keys ${this.message}. Its operator has to correct that. The token may be good.`,
          [],
          { cause: this, retryAfter: LASTING_SECONDS },
        )
      : new DomainError(
          'unavailable',
          "The token's issuer cannot be asked for its keys right now. Try again.",
          [],
          { cause: this, retryAfter },
        )
  }

  /** Into the log, with the address but not its parameters. */
  tell(log: Log, url: string): void {
    const { origin, pathname } = new URL(url)
    const fields = { address: origin + pathname, reason: this.message }
    if (this.isLasting)
      log.error(
        "an issuer's keys are not where they are looked for: correct BETTER_AUTH_URL or AUTH_JWKS_URL",
        fields,
      )
    else log.warning("an issuer's keys cannot be fetched right now", fields)
  }
}
/** Operators need longer than issuers. */
const LASTING_SECONDS = 60
