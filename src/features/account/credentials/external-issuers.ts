// Tokens of other issuers, so that a frontend with accounts of its own just works.
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import type { Config, JwksIssuer } from '../../../config.ts'
import { createFetch } from '../../../core/bounded-fetch.ts'
import type { Clock } from '../../../core/clock.ts'
import { DomainError } from '../../../core/errors.ts'
import { isBlank, isStorable } from '../../../core/text.ts'
import { checked, unauthenticated } from './jwt-errors.ts'

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
 * `unavailable`.
 */
export type ExternalIssuers = {
  /** Does one of them sign with this algorithm? */
  accepts(algorithm: string): boolean
  /** Does one of them write this `iss` into its tokens? */
  calls(issuer: string): boolean
  verify(token: string, algorithm: string): Promise<ExternalClaims>
}

/** The `issuer` of users whose tokens are signed with the shared secret. */
export const SHARED_ISSUER = 'better-auth-secret'

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
const SHARED_SUBJECTS = ['user_id', 'userId', 'sub', 'id']

type Options = {
  readonly config: Pick<Config, 'sharedSecret' | 'jwksIssuer'>
  readonly clock: Clock
}

export const createExternalIssuers = ({
  config: { sharedSecret, jwksIssuer },
  clock,
}: Options): ExternalIssuers => {
  const at = () => ({ currentDate: new Date(clock.now()), requiredClaims: ['exp'] })
  const secret = sharedSecret === undefined ? undefined : new TextEncoder().encode(sharedSecret)
  const published = jwksIssuer && publishedKeys(jwksIssuer, clock)

  const verifyShared = async (token: string, key: Uint8Array): Promise<ExternalClaims> => {
    const { payload } = await checked(() =>
      jwtVerify(token, key, { ...at(), algorithms: [SHARED] }),
    )
    return { issuer: SHARED_ISSUER, ...claimsOf(payload, SHARED_SUBJECTS) }
  }
  const verifyPublished = async (
    token: string,
    keys: JWTVerifyGetKey,
    { issuer, audience, subjectClaim }: JwksIssuer,
  ): Promise<ExternalClaims> => {
    const { payload } = await checked(() =>
      jwtVerify(token, keys, { ...at(), algorithms: ASYMMETRIC, issuer, audience }),
    )
    return { issuer, ...claimsOf(payload, [subjectClaim]) }
  }
  return {
    accepts: (algorithm) =>
      algorithm === SHARED
        ? secret !== undefined
        : published !== undefined && ASYMMETRIC.includes(algorithm),
    calls: (issuer) => jwksIssuer?.issuer === issuer,
    verify: async (token, algorithm) => {
      if (algorithm === SHARED && secret) return verifyShared(token, secret)
      if (algorithm !== SHARED && published && jwksIssuer)
        return verifyPublished(token, published, jwksIssuer)
      throw unauthenticated("The token's algorithm is not accepted.")
    },
  }
}

/** A clock that is set back by less does no harm, in milliseconds. */
const STEP_MS = 1_000

/**
 * The issuer's keys, kept for ten minutes. That they cannot be fetched says nothing about the
 * token: `unavailable`.
 */
const publishedKeys = ({ url }: JwksIssuer, clock: Clock): JWTVerifyGetKey => {
  const keySet = () => createRemoteJWKSet(new URL(url), { [customFetch]: createFetch({ clock }) })
  let remote = keySet()
  let lookedAt = clock.now()
  return async (header, token) => {
    const now = clock.now()
    // It would keep the keys for as long as the clock was ahead.
    if (lookedAt - now > STEP_MS) remote = keySet()
    lookedAt = now
    try {
      return await remote(header, token)
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys
      )
        throw error
      const unavailable = new DomainError(
        'unavailable',
        "The token's issuer cannot be asked for its keys right now. Try again.",
      )
      unavailable.cause = error
      throw unavailable
    }
  }
}

const MAX_SUBJECT = 191
const MAX_NAME = 120
const length = (text: string): number => [...text].length

const claimsOf = (
  payload: JWTPayload,
  names: readonly string[],
): Omit<ExternalClaims, 'issuer'> => ({
  subject: subjectOf(payload, names),
  name: nameOf(payload['name']),
  expiresAt: (payload.exp ?? 0) * 1000,
})

/** The one subject that the claims agree on. */
const subjectOf = (payload: JWTPayload, names: readonly string[]): string => {
  const given = names.filter((name) => Object.hasOwn(payload, name)).map((name) => payload[name])
  const subjects = new Set(given.map(subjectIn))
  if (subjects.size > 1)
    throw unauthenticated(`The token's claims ${names.join(', ')} name different users.`)
  const [subject] = subjects
  if (subject === undefined)
    throw unauthenticated(`The token names no user: it needs the claim ${names.join(' or ')}.`)
  return subject
}

/** A claim that names a user. Throws `unauthenticated` for what cannot be stored or compared. */
export const subjectIn = (claim: unknown): string => {
  const text = Number.isSafeInteger(claim) ? String(claim) : claim
  // Blanks at the ends would make two subjects one on MySQL, which pads before it compares.
  if (
    typeof text === 'string' &&
    text !== '' &&
    text.trim() === text &&
    isStorable(text) &&
    length(text) <= MAX_SUBJECT
  )
    return text
  throw unauthenticated(
    `The token's user is not text or an integer of 1 to ${MAX_SUBJECT} characters without blanks around it.`,
  )
}

/** A claim as a name to show; '' for what is none. */
export const nameOf = (claim: unknown): string =>
  typeof claim === 'string' && isStorable(claim) && !isBlank(claim)
    ? shortened(shortened(claim.replace(/\p{Cc}+/gu, ' ').trim()).normalize('NFC'))
    : ''
/** Composing can lengthen a text, and takes long where it is long. */
const shortened = (name: string): string => [...name].slice(0, MAX_NAME).join('').trim()
