// Signing in with an OpenID provider: the two pages outside /api/v1, which browsers open. The code
// that the second one ends with is redeemed at /api/v1/auth/openid/redeem.
import type { Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { DomainError } from '../core/errors.ts'
import { Challenge, issueCode } from '../features/account/index.ts'
import type { OpenId } from '../features/account/openid/openid.ts'
import { OpenIdFailure } from '../features/account/openid/openid-failure.ts'
import { FLOW_SECONDS, PURPOSES } from '../features/account/openid/openid-flow.ts'
import { addressOf, callerNetworks } from './address.ts'
import type { Deps } from './deps.ts'
import { pageHeaders } from './pages/html.ts'
import { codePage, type Message, messagePage } from './pages/sign-in.ts'
import { codeOf, HttpProblem, problemOf } from './problem.ts'
import { requestIdOf } from './request.ts'

export const START = '/auth/openid/start'
export const CALLBACK = '/auth/openid/callback'

/**
 * The prefix makes browsers take it from this very host only, over TLS (or from localhost), and for
 * all paths.
 */
const COOKIE = '__Host-taskport-sign-in'
const cookie = (value: string, seconds: number) =>
  `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`
const forgotten = cookie('', 0)

const Query = z.strictObject({ challenge: Challenge, purpose: z.enum(PURPOSES).default('sign-in') })
type Headers = Record<string, string>
type Show = (c: Context, openid: OpenId, requestId: string) => Promise<Response>

export const signInRoutes = (app: Hono, deps: Deps): void => {
  const { config, openid, observation, limits, signInLimits } = deps
  const address = (c: Context) => addressOf(c, deps.peerOf, config.trustedHops)
  const pageOf = (requestId: string, status: number, body: string, more: Headers = {}) =>
    new Response(body, {
      status,
      headers: {
        ...pageHeaders(config, requestId, { isSecret: true }),
        ...more,
      },
    })

  /** Answers with what `show` makes, or with a page that says why it cannot. */
  const page = (path: string, show: Show) => {
    const note = observation.of(path, `GET ${path}`)
    app.get(path, async (c) => {
      if (!openid) throw new HttpProblem('not_a_route', 'No OpenID provider is configured here.')
      const began = performance.now()
      const requestId = requestIdOf(c.req.header('x-request-id'))
      try {
        limits.caller.count(`address ${address(c)}`)
        const response = await show(c, openid, requestId)
        note({ requestId, began, status: response.status })
        return response
      } catch (error) {
        const { status, headers, ...message } = refusalOf(error, openid.label)
        const code = error instanceof OpenIdFailure ? `openid_${error.kind}` : codeOf(error)
        note({ requestId, began, status, code, error })
        const more = { ...headers, 'Set-Cookie': forgotten }
        return pageOf(requestId, status, messagePage(message), more)
      }
    })
  }

  page(START, async (c, { begin }, requestId) => {
    const asked = Query.safeParse(c.req.query())
    if (!asked.success)
      throw new DomainError(
        'invalid',
        'This address needs the challenge of the client that opens it.',
      )
    const { url, sealed } = await begin(asked.data)
    const headers = {
      Location: url,
      'Set-Cookie': cookie(sealed, FLOW_SECONDS),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Request-Id': requestId,
    }
    return new Response(null, { status: 302, headers })
  })

  page(CALLBACK, async (c, { finish, label }, requestId) => {
    const sealed = getCookie(c, COOKIE)
    if (!sealed)
      throw new OpenIdFailure('invalid', 'This browser has begun no sign-in here, or too long ago.')
    // Every answer that is finished asks the provider, in the name of this service.
    const attempt = await signInLimits.callback(callerNetworks(c, deps.peerOf, config.trustedHops))
    const { claims, flow } = await attempt.run(() => finish(new URL(c.req.url).search, sealed))
    const code = await issueCode(
      { ...deps, quotas: config.quotas, registration: config.registration },
      { claims, flow },
    )
    const shown = codePage({ code, label, name: claims.name, purpose: flow.purpose })
    return pageOf(requestId, 200, shown, { 'Set-Cookie': forgotten })
  })
}

const RETRY_AFTER = { 'Retry-After': '10' }
const again = 'Close this tab and begin again where you came from.'

/** Any error as a page. An unforeseen one says nothing of itself. */
const refusalOf = (
  error: unknown,
  label: string,
): Message & { status: number; headers?: Headers } => {
  if (error instanceof OpenIdFailure) {
    if (error.kind === 'denied')
      return {
        status: 403,
        title: `${label} did not sign you in`,
        text: `${error.message} ${again}`,
      }
    if (error.kind === 'invalid')
      return { status: 400, title: 'This sign-in is not valid', text: `${error.message} ${again}` }
    return {
      status: 503,
      title: `${label} cannot be reached`,
      text: `${error.message} Wait a moment. ${again}`,
      headers: RETRY_AFTER,
    }
  }
  const code = codeOf(error)
  const { status, title, headers } = problemOf(code)
  if (code === 'registration_closed')
    return {
      status,
      title: 'No new accounts',
      text: `This server takes no new accounts, and none belongs to who you are at ${label}.`,
    }
  if (error instanceof HttpProblem)
    return { status, title, text: error.message, headers: { ...error.headers } }
  const text = error instanceof DomainError ? error.message : 'That did not work out on our side.'
  return { status, title, text: `${text} ${again}`, ...(headers && { headers }) }
}
