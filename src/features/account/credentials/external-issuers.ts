// Tokens of other issuers, so that a frontend with accounts of its own just works.
import {
  base64url,
  type CryptoKey,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  UnsecuredJWT,
} from 'jose'
import { type Config, type JwksIssuer, SHARED_SECRET_ISSUER } from '../../../config.ts'
import type { Clock } from '../../../core/clock.ts'
import { type Log, silent } from '../../../core/log.ts'
import type { SingleFlight } from '../../../core/single-flight.ts'
import { checked, unauthenticated } from './jwt-errors.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import { agreedSubject, nameOf, subjectOf } from './subject.ts'

/**
 * Who a token of another issuer speaks of. `issuer` is the configured name (never the token's
 * word), `expiresAt` in milliseconds since the epoch.
 */
export type ExternalClaims = {
  readonly issuer: string
  readonly subject: string
  /** What the token calls its user; '' where it doesn't. */
  readonly name: string
  readonly expiresAt: number
}

/**
 * Checks tokens of the configured issuers, each with its own algorithms. Throws `unauthenticated`,
 * and `unavailable` where the keys of the token's issuer cannot be fetched.
 */
export type ExternalIssuers = {
  /** Does one of them sign with this algorithm? */
  accepts(algorithm: string): boolean
  /** Does one of them write this `iss` into its tokens? */
  calls(issuer: string): boolean
  verify(token: string, algorithm: string): Promise<ExternalClaims>
}

const SHARED = 'HS256'
const ASYMMETRIC = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
]

/** The clock of an issuer may be ahead by so many seconds. */
const LEEWAY_SECONDS = 30

type Options = {
  readonly config: Pick<Config, 'sharedSecret' | 'subjectClaim' | 'jwksIssuer'>
  readonly clock: Clock
  readonly log?: Log
  readonly sharing?: SingleFlight
}

export const createExternalIssuers = ({
  config: { sharedSecret, subjectClaim, jwksIssuer },
  clock,
  log = silent,
  sharing,
}: Options): ExternalIssuers => {
  const secret = sharedSecret === undefined ? undefined : new TextEncoder().encode(sharedSecret)
  const keySet =
    jwksIssuer && createKeySet({ url: jwksIssuer.url, clock, log, ...(sharing && { sharing }) })
  const rules = () => ({
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp'],
    clockTolerance: LEEWAY_SECONDS,
  })

  const verifyShared = async (token: string, key: Uint8Array): Promise<ExternalClaims> => {
    const { payload } = await checked(() =>
      jwtVerify(token, key, { ...rules(), algorithms: [SHARED] }),
    )
    refuseUntimely(payload, clock)
    const subject =
      subjectClaim === undefined ? agreedSubject(payload) : subjectOf(payload, subjectClaim)
    return claimsOf(payload, SHARED_SECRET_ISSUER, subject)
  }

  const verifyPublished = (
    token: string,
    alg: string,
    keys: KeySet,
    { issuer, audience, subjectClaim: claim }: JwksIssuer,
  ): Promise<ExternalClaims> =>
    checked(async () => {
      const expected = { ...rules(), issuer, audience }
      const claims = (payload: JWTPayload) => {
        refuseUntimely(payload, clock)
        return claimsOf(payload, issuer, subjectOf(payload, claim))
      }
      // What is refused with any key must not make us ask for keys.
      claims(UnsecuredJWT.decode(unsigned(token), expected).payload)
      const { kid } = decodeProtectedHeader(token)
      if (kid !== undefined && typeof kid !== 'string')
        throw unauthenticated('The token is malformed.')
      const verified = await keys.search({ alg, kid }, (candidates) =>
        firstThatFits(candidates, (key) =>
          jwtVerify(token, key, { ...expected, algorithms: ASYMMETRIC }),
        ),
      )
      return claims(verified.payload)
    })

  return {
    accepts: (algorithm) =>
      algorithm === SHARED
        ? secret !== undefined
        : keySet !== undefined && ASYMMETRIC.includes(algorithm),
    calls: (issuer) => jwksIssuer?.issuer === issuer,
    verify: async (token, algorithm) => {
      if (algorithm === SHARED && secret) return verifyShared(token, secret)
      if (algorithm !== SHARED && keySet && jwksIssuer)
        return verifyPublished(token, algorithm, keySet, jwksIssuer)
      throw unauthenticated("The token's algorithm is not accepted.")
    },
  }
}

/**
 * The leeway is for a clock that is ahead, so it does not lengthen the life of a token: `exp` is
 * exact.
 */
const refuseUntimely = ({ exp = 0, iat }: JWTPayload, clock: Clock): void => {
  const now = Math.floor(clock.now() / 1000)
  if (exp <= now) throw unauthenticated('The token has expired. Get a new one.')
  if (iat !== undefined && iat > now + LEEWAY_SECONDS)
    throw unauthenticated('The token was issued in the future: the clock of its issuer is ahead.')
}

const claimsOf = (payload: JWTPayload, issuer: string, subject: string): ExternalClaims => ({
  issuer,
  subject,
  name: nameOf(payload['name']),
  expiresAt: (payload.exp ?? 0) * 1000,
})

const NO_SIGNATURE = base64url.encode(JSON.stringify({ alg: 'none' }))
/** The claims of a token without its signature (RFC 7519, 6), to look at before they are verified. */
const unsigned = (token: string): string => `${NO_SIGNATURE}.${token.split('.')[1]}.`

/** What the first key of these makes of a token. Throws what is wrong where it is not the key. */
const firstThatFits = async <T>(
  keys: readonly CryptoKey[],
  verify: (key: CryptoKey) => Promise<T>,
): Promise<T | undefined> => {
  for (const key of keys)
    try {
      return await verify(key)
    } catch (error) {
      // A TypeError: the key is of no use for this algorithm (an RSA key that is too short).
      if (!(error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError))
        throw error
    }
  return undefined
}
