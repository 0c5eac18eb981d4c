// Other issuers of tokens, and the OpenID provider.
import { isPrivateUrl, isSameUrl } from './values.ts'
import type { Given, VariableName } from './variables.ts'

/** An issuer whose tokens are checked with the keys that it publishes. */
export type JwksIssuer = {
  readonly url: string
  readonly issuer: string
  readonly audience: string
  /** The claim that holds the user. */
  readonly subjectClaim: string
}

/**
 * The `issuer` of users whom tokens with the shared secret name: those tokens need no `iss`. It is
 * stored.
 */
export const SHARED_SECRET_ISSUER = 'better-auth-secret'

/** Does the claim `sub` name the users of published keys, as it names those of the OpenID provider? */
export const areNamedBySub = ({
  jwksIssuer,
}: {
  readonly jwksIssuer: JwksIssuer | undefined
}): boolean => (jwksIssuer?.subjectClaim ?? 'sub') === 'sub'

/** The OpenID provider that people sign in with. */
export type OpenIdProvider = {
  /** Its issuer. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Separated by blanks. */
  readonly scopes: string
}

/** The names of the one setting, as backends call the secret that they sign their tokens with. */
const SECRETS = ['BETTER_AUTH_SECRET', 'JWT_SECRET', 'JWT_SECRET_KEY', 'SECRET_KEY'] as const

/** Two values would leave it open whose tokens are believed. */
export const sharedSecretOf = (given: Given, faults: string[]): string | undefined => {
  const [first, ...others] = SECRETS.filter((name) => given[name] !== undefined)
  if (first === undefined) return undefined
  for (const other of others)
    if (given[other] !== given[first])
      faults.push(
        `${other} is another name of ${first}, and the values of the two differ: remove one of them, or give both the same value`,
      )
  return given[first]
}

/**
 * Where a Better Auth server publishes its keys, and how it calls itself in its tokens: by its
 * origin, also where its address has a path.
 */
const betterAuth = (address: string): { readonly url: string; readonly origin: string } => {
  const { origin, pathname } = new URL(address)
  return { url: pathname === '/' ? `${address}/api/auth/jwks` : `${address}/jwks`, origin }
}

/**
 * AUTH_ISSUER and AUTH_AUDIENCE are required, so that tokens of another issuer or for another service
 * are refused.
 */
export const jwksIssuerOf = (given: Given, faults: string[]): JwksIssuer | undefined => {
  const server = given.BETTER_AUTH_URL === undefined ? undefined : betterAuth(given.BETTER_AUTH_URL)
  const url = given.AUTH_JWKS_URL ?? server?.url
  if (url === undefined) return undefined
  const required = (name: VariableName & ('AUTH_ISSUER' | 'AUTH_AUDIENCE')): string => {
    const value = given[name] ?? server?.origin
    if (value === undefined)
      faults.push(
        `${name} is required with AUTH_JWKS_URL: set it to the ${claims[name]} of the issuer's tokens`,
      )
    return value ?? ''
  }
  return {
    url,
    issuer: required('AUTH_ISSUER'),
    audience: required('AUTH_AUDIENCE'),
    subjectClaim: given.AUTH_SUBJECT_CLAIM ?? 'sub',
  }
}
const claims = { AUTH_ISSUER: 'iss', AUTH_AUDIENCE: 'aud' } as const

/**
 * The provider, if all of its variables are set. PUBLIC_URL has to be https, because browsers would
 * not keep the cookie without which no sign-in can be finished.
 */
export const openIdOf = (
  given: Given,
  jwksIssuer: JwksIssuer | undefined,
  faults: string[],
): OpenIdProvider | undefined => {
  const {
    OPENID_PROVIDER_URL: url,
    OAUTH_CLIENT_ID: clientId,
    OAUTH_CLIENT_SECRET: clientSecret,
    OAUTH_SCOPES: scopes,
  } = given
  if ([url, clientId, clientSecret, scopes].every((value) => value === undefined)) return undefined
  for (const name of ['OPENID_PROVIDER_URL', 'OAUTH_CLIENT_ID', 'OAUTH_CLIENT_SECRET'] as const)
    if (given[name] === undefined && !faults.some((line) => line.startsWith(`${name} `)))
      faults.push(
        `${name} is required to sign in with an OpenID provider: set it, or remove the other variables that begin with OPENID_ or OAUTH_`,
      )
  if (given.PUBLIC_URL !== undefined && !isPrivateUrl(given.PUBLIC_URL))
    faults.push(
      'PUBLIC_URL has to be https:// where people sign in with an OpenID provider: their browsers refuse its cookie otherwise',
    )
  if (
    url !== undefined &&
    jwksIssuer !== undefined &&
    isSameUrl(jwksIssuer.issuer, url) &&
    jwksIssuer.subjectClaim !== 'sub'
  )
    faults.push(
      'AUTH_SUBJECT_CLAIM has to be sub where AUTH_ISSUER is also OPENID_PROVIDER_URL: one person would be two users',
    )
  if (url === undefined || clientId === undefined || clientSecret === undefined) return undefined
  return { url, clientId, clientSecret, scopes: scopes ?? 'openid profile' }
}
