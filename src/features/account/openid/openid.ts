// The OpenID provider that people sign in with (OpenID Connect Core 1.0, authorization code flow
// with PKCE).
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  fetchUserInfo,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { OpenIdProvider } from '../../../config.ts'
import { createFetch } from '../../../core/bounded-fetch.ts'
import { isWithin } from '../../../core/clock.ts'
import type { Ctx } from '../../../core/context.ts'
import { DomainError } from '../../../core/errors.ts'
import { type SingleFlight, singleFlight } from '../../../core/single-flight.ts'
import type { Database } from '../../../db/database.ts'
import { nameOf, subjectIn } from '../credentials/subject.ts'
import { OpenIdFailure } from './openid-failure.ts'
import { createFlows, type Flow } from './openid-flow.ts'

/** Who the user is at the provider; `name` is '' where it doesn't say. */
export type OpenIdClaims = {
  readonly issuer: string
  readonly subject: string
  readonly name: string
}

export type OpenId = {
  /** What to call the provider: Hugging Face, or the name of its host. */
  readonly label: string
  /** Where to send the browser, and what it has to bring back. Throws OpenIdFailure. */
  begin(
    opener: Pick<Flow, 'challenge' | 'purpose'>,
  ): Promise<{ readonly url: string; readonly sealed: string }>
  /** Who came back with this query, to which flow. Throws OpenIdFailure. */
  finish(
    search: string,
    sealed: string,
  ): Promise<{ readonly flow: Flow; readonly claims: OpenIdClaims }>
}

/** That an answer of the provider may take. */
const TIMEOUT_SECONDS = 5
const DISCOVERED_FOR_MS = 3_600_000

type Options = Pick<Ctx, 'clock' | 'log'> & {
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string
  readonly provider: OpenIdProvider
  readonly db: Database
  /** How those who need the provider's metadata at the same time ask for it. */
  readonly sharing?: SingleFlight
}

export const createOpenId = async ({
  redirectUri,
  provider,
  db,
  clock,
  log,
  sharing = singleFlight,
}: Options): Promise<OpenId> => {
  const flows = await createFlows(db, clock)
  const discover = discoverer(provider, clock, sharing)
  const asking = async <T>(ask: (configuration: Configuration) => Promise<T>): Promise<T> => {
    try {
      return await ask(await discover())
    } catch (error) {
      const failure = failureOf(error)
      // The error's own words and causes may hold the code or the tokens.
      if (failure.kind === 'unavailable')
        log.warning('the OpenID provider cannot be used', { code: codeOf(error) })
      else
        log.info('a sign-in with the OpenID provider failed', {
          kind: failure.kind,
          code: codeOf(error),
        })
      throw failure
    }
  }
  return {
    label: labelOf(provider),
    begin: (opener) =>
      asking(async (configuration) => {
        const flow = {
          ...opener,
          state: randomState(),
          nonce: randomNonce(),
          verifier: randomPKCECodeVerifier(),
        }
        const url = buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: provider.scopes,
          state: flow.state,
          nonce: flow.nonce,
          code_challenge: await calculatePKCECodeChallenge(flow.verifier),
          code_challenge_method: 'S256',
        })
        return { url: url.href, sealed: await flows.seal(flow) }
      }),
    finish: async (search, sealed) => {
      const flow = await flows.open(sealed)
      if (!flow) throw new OpenIdFailure('invalid', 'This sign-in was begun too long ago.')
      const claims = await asking((configuration) =>
        claimsOf(configuration, new URL(redirectUri + search), flow),
      )
      return { flow, claims }
    },
  }
}

const labelOf = ({ url }: OpenIdProvider): string =>
  new URL(url).host === 'huggingface.co' ? 'Hugging Face' : new URL(url).host

/** The provider's metadata, asked for when it is needed and kept for an hour. */
const discoverer = (
  { url, clientId, clientSecret }: OpenIdProvider,
  clock: Ctx['clock'],
  sharing: SingleFlight,
): (() => Promise<Configuration>) => {
  const fetch = createFetch({ clock })
  let known: { readonly configuration: Configuration; readonly at: number } | undefined
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)]
  const discover = sharing(async () => {
    const configuration = await discovery(
      new URL(url),
      clientId,
      undefined,
      // Basic is what holds where a provider doesn't say (OpenID Connect Discovery, 3).
      (server, ...request) =>
        ((server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']).includes(
          'client_secret_basic',
        )
          ? basic
          : post)(server, ...request),
      {
        timeout: TIMEOUT_SECONDS,
        [customFetch]: fetch,
        execute: url.startsWith('http://') ? [allowInsecureRequests] : [],
      },
    )
    known = { configuration, at: clock.now() }
  })
  return async () => {
    if (known === undefined || !isWithin(DISCOVERED_FOR_MS, known.at, clock.now())) await discover()
    return (known as NonNullable<typeof known>).configuration
  }
}

const claimsOf = async (
  configuration: Configuration,
  url: URL,
  { state, nonce, verifier }: Flow,
): Promise<OpenIdClaims> => {
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  })
  const token = tokens.claims()
  if (!token || token.iss.length > 191)
    throw new OpenIdFailure('invalid', 'The provider does not say who this is.')
  const subject = subjectIn(token.sub)
  return {
    issuer: token.iss,
    subject,
    name: nameIn(token) || (await nameAtUserInfo(configuration, tokens.access_token, token.sub)),
  }
}

const nameIn = (claims: Readonly<Record<string, unknown>>): string =>
  nameOf(claims['name']) || nameOf(claims['preferred_username'])

/** Many providers tell names only there. A missing name does not end the sign-in. */
const nameAtUserInfo = async (
  configuration: Configuration,
  accessToken: string,
  subject: string,
): Promise<string> => {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return ''
  try {
    return nameIn(await fetchUserInfo(configuration, accessToken, subject))
  } catch {
    return ''
  }
}

const CODE = /^[\w.-]{1,64}$/

/**
 * What went wrong in a word, such as invalid_client or ECONNREFUSED: the first one in the chain of
 * causes.
 */
const codeOf = (error: unknown): string => {
  let inner = error
  for (let depth = 0; depth < 8 && inner instanceof Error; depth++) {
    const code =
      inner instanceof ResponseBodyError ? inner.error : (inner as { code?: unknown }).code
    if (typeof code === 'string' && CODE.test(code)) return code
    inner = inner.cause
  }
  return (error as Error).name
}

/**
 * What the provider's answer has to say for itself, as opposed to what is wrong with the provider.
 */
const answerFaults = [
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]

const failureOf = (error: unknown): OpenIdFailure => {
  if (error instanceof OpenIdFailure) return error
  if (error instanceof AuthorizationResponseError) {
    if (error.error === 'access_denied') return new OpenIdFailure('denied', 'It was refused there.')
    // Also where it says that it is unavailable: that came by the browser, and only what we met
    // ourselves is 503.
    return new OpenIdFailure('invalid', 'The provider did not sign anybody in.')
  }
  if (error instanceof DomainError)
    return new OpenIdFailure('invalid', 'The provider does not say who this is.')
  const faulty =
    error instanceof ResponseBodyError
      ? error.error === 'invalid_grant'
      : error instanceof ClientError && answerFaults.includes(error.code ?? '')
  if (faulty)
    return new OpenIdFailure(
      'invalid',
      'The answer does not belong to a sign-in that was begun here, or was used before.',
    )
  return new OpenIdFailure('unavailable', 'The provider cannot be asked right now.')
}
