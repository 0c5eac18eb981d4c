import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { LRUCache } from 'lru-cache'
import { areNamedBySub, type Config } from '../../../config.ts'
import { type Broadcast, noBroadcast } from '../../../core/broadcast.ts'
import { isWithin } from '../../../core/clock.ts'
import type { Actor, Ctx } from '../../../core/context.ts'
import type { SingleFlight } from '../../../core/single-flight.ts'
import type { Database } from '../../../db/database.ts'
import { createPasswords, type Passwords } from '../passwords/passwords.ts'
import { findOrCreateUser } from '../users.ts'
import { ACCESS_TOKEN_SECONDS, createAccessTokens, isIssuedAhead } from './access-tokens.ts'
import { actorOfKey, looksLikeApiKey } from './api-keys.ts'
import { createDeviceTokens, type DeviceTokens } from './device-tokens.ts'
import { createExternalIssuers } from './external-issuers.ts'
import { fixedIssuer } from './issuer.ts'
import { unauthenticated } from './jwt-errors.ts'
import { isLive, type SignIn } from './sessions.ts'
import { createSigningKeys } from './signing-keys.ts'

/** What a sign-in answers (RFC 6749, 5.1); `expires_in` in seconds. */
export type Tokens = {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token: string
}

/** Issues, verifies and forgets what callers prove themselves with: passwords, tokens, API keys. */
export type Credentials = {
  /** The `iss` of our access tokens. */
  readonly issuer: string
  readonly passwords: Passwords
  readonly deviceTokens: DeviceTokens
  /**
   * Do the tokens of another issuer name users as OpenID does, by `sub`? Only then is their user
   * also who signs in there.
   */
  readonly externalBySub: boolean
  /**
   * The actor behind a credential: an access token of ours, an API key, or a token of a configured
   * external issuer. At once where it is remembered. Throws `unauthenticated`, and `unavailable`
   * where an issuer's keys are out of reach.
   */
  authenticate(credential: string): Actor | Promise<Actor>
  /** The tokens that a new or continued session gives its owner. */
  issueTokens(signIn: SignIn): Promise<Tokens>
  /** The public keys that our access tokens are signed with. */
  jwks(): Promise<JSONWebKeySet>
  /**
   * Forgets every verified credential, in all processes of the service: to be called when a session
   * ends, a key is deleted, an account goes.
   */
  forget(): Promise<void>
}

/** A verified credential is believed this long without looking again. */
const REMEMBERED_MS = 30_000
const MAX_REMEMBERED = 5_000
/** Longer than any token that fits the headers servers accept. */
const MAX_CREDENTIAL = 8_192

/** An actor, and until when (milliseconds since the epoch) its credential is good. */
type Verified = { readonly actor: Actor; readonly expiresAt: number }

type Options = Pick<Ctx, 'clock' | 'ids' | 'log'> & {
  readonly config: Pick<
    Config,
    'publicUrl' | 'authSecret' | 'sharedSecret' | 'subjectClaim' | 'jwksIssuer' | 'quotas'
  >
  readonly db: Database
  readonly passwords?: Passwords
  readonly sharing?: SingleFlight
  readonly broadcast?: Broadcast
}

export const createCredentials = async (options: Options): Promise<Credentials> => {
  const {
    config,
    db,
    clock,
    ids,
    log,
    passwords = createPasswords(),
    sharing,
    broadcast = noBroadcast(),
  } = options
  const ctx = { db, clock, ids, log, quotas: config.quotas }
  const issuer = await fixedIssuer(db, config.publicUrl)
  const tokenLifeMs = ACCESS_TOKEN_SECONDS * 1000
  const keys = await createSigningKeys({
    db,
    clock,
    log,
    secret: config.authSecret,
    tokenLifeMs,
    ...(sharing && { sharing }),
  })
  const accessTokens = createAccessTokens({ clock, ids, issuer, keys })
  const deviceTokens = await createDeviceTokens(db)
  const external = createExternalIssuers({ config, clock, log, ...(sharing && { sharing }) })
  const remembered = new LRUCache<string, Verified & { readonly at: number }>({
    max: MAX_REMEMBERED,
  })
  const externalBySub = areNamedBySub(config)
  let forgotten = 0
  const forget = () => {
    forgotten++
    remembered.clear()
  }
  broadcast.revoked.hear(forget)

  /**
   * The key that an access token of ours is signed with; undefined for a token that cannot be ours.
   */
  const ownKey = async ({ iss, kid }: Marks) => {
    if (iss !== issuer) return undefined
    const key = kid === undefined ? undefined : await keys.verifier(kid)
    // An issuer may share our name, where it stands behind the same address.
    if (!key && !external.calls(iss))
      throw unauthenticated('The token is signed with a key that this service does not know.')
    return key
  }

  const verifyJwt = async (token: string): Promise<Verified> => {
    const marks = marksOf(token)
    const key = marks.alg === 'EdDSA' ? await ownKey(marks) : undefined
    if (key) {
      const { userId, sessionId, expiresAt } = await accessTokens.verify(token, key)
      if (!(await isLive(ctx, sessionId, userId)))
        throw unauthenticated('The session of this token has ended. Sign in again.')
      if (isIssuedAhead(expiresAt, clock.now()))
        throw unauthenticated('The token was issued while the clock was ahead. Refresh it.')
      return { actor: { kind: 'session', userId, subject: userId, sessionId }, expiresAt }
    }
    if (!external.accepts(marks.alg))
      throw unauthenticated("The token's issuer or algorithm is not one that this service accepts.")
    const claims = await external.verify(token, marks.alg)
    const { issuer: by, subject, expiresAt } = claims
    return {
      actor: {
        kind: 'external',
        userId: await findOrCreateUser({ ...ctx, credentials: { externalBySub } }, claims),
        subject,
        issuer: by,
      },
      expiresAt,
    }
  }

  const verify = async (credential: string): Promise<Actor> => {
    const [began, then] = [clock.now(), forgotten]
    if (credential.length > MAX_CREDENTIAL)
      throw unauthenticated('The credential is too long to be one.')
    const { actor, expiresAt } = await (looksLikeApiKey(credential)
      ? actorOfKey(ctx, credential)
      : verifyJwt(credential))
    // What was revoked while we looked must not be remembered.
    if (forgotten === then) remembered.set(credential, { actor, expiresAt, at: began })
    return actor
  }

  return {
    issuer,
    passwords,
    deviceTokens,
    externalBySub,
    authenticate: (credential) => {
      const known = remembered.get(credential)
      const now = clock.now()
      return known && isWithin(REMEMBERED_MS, known.at, now) && now < known.expiresAt
        ? known.actor
        : verify(credential)
    },
    issueTokens: async (signIn) => ({
      access_token: await accessTokens.sign(signIn),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: signIn.refreshToken,
    }),
    jwks: keys.jwks,
    forget: () => {
      forget()
      return broadcast.revoked.tell(undefined)
    },
  }
}

/**
 * What a token says of itself, before anything is verified: where to look for the key that verifies
 * it.
 */
type Marks = {
  readonly alg: string
  readonly kid: string | undefined
  readonly iss: string | undefined
}

const marksOf = (token: string): Marks => {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    const { iss } = decodeJwt(token)
    if (typeof alg === 'string')
      return {
        alg,
        kid: typeof kid === 'string' ? kid : undefined,
        iss: typeof iss === 'string' ? iss : undefined,
      }
  } catch {}
  throw unauthenticated('This is neither an access token (a JWT) nor an API key of this service.')
}
