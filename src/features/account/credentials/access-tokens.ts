// Access tokens: JWTs (RFC 7519) signed with Ed25519, good for 15 minutes.
import { type CryptoKey, jwtVerify, SignJWT } from 'jose'
import { scopes } from '../../../core/access.ts'
import type { Ctx } from '../../../core/context.ts'
import { isId } from '../../../core/ids.ts'
import { checked, unauthenticated } from './jwt-errors.ts'
import { ALGORITHM, type SigningKeys } from './signing-keys.ts'

/** Seconds that an access token lives. */
export const ACCESS_TOKEN_SECONDS = 900
const AUDIENCE = 'taskport'

/** What an access token says; `expiresAt` in milliseconds since the epoch. */
type AccessClaims = {
  readonly userId: string
  readonly sessionId: string
  readonly expiresAt: number
}
export type AccessTokens = {
  sign(claims: Pick<AccessClaims, 'userId' | 'sessionId'>): Promise<string>
  /** Throws `unauthenticated`. */
  verify(token: string, key: CryptoKey): Promise<AccessClaims>
}

/** The clocks of processes on one database differ by less, in seconds. */
const SKEW_SECONDS = 300

/**
 * Was a token that expires then issued by a clock that was ahead of this one? It would live for as
 * long as that clock was ahead. Both in milliseconds since the epoch.
 */
export const isIssuedAhead = (expiresAt: number, now: number): boolean =>
  expiresAt - now > (ACCESS_TOKEN_SECONDS + SKEW_SECONDS) * 1000

type Options = Pick<Ctx, 'clock' | 'ids'> & { readonly issuer: string; readonly keys: SigningKeys }

export const createAccessTokens = ({ clock, ids, issuer, keys }: Options): AccessTokens => ({
  sign: async ({ userId, sessionId }) => {
    const { kid, key } = await keys.signer()
    const issuedAt = Math.floor(clock.now() / 1000)
    return new SignJWT({ sid: sessionId, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(userId)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .setJti(ids.next())
      .sign(key)
  },
  verify: (token, key) =>
    checked(async () => {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        issuer,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'sid'],
        currentDate: new Date(clock.now()),
      })
      const { sub, sid, exp } = payload
      if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined || !isId(sid))
        throw unauthenticated('The token is malformed.')
      return { userId: sub, sessionId: sid, expiresAt: exp * 1000 }
    }),
})
