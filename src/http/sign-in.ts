// Signing in with an OpenID provider: the two pages outside /api/v1, which browsers open. The code
// that the second one ends with is redeemed at /api/v1/auth/openid/redeem.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { DomainError } from '../core/errors.ts'
import { Challenge, issueCode } from '../features/account/index.ts'
import type { OpenId } from '../features/account/openid/openid.ts'
import { OpenIdFailure } from '../features/account/openid/openid-failure.ts'
import { FLOW_SECONDS, PURPOSES } from '../features/account/openid/openid-flow.ts'
import { addressOf, callerNetworks } from './address.ts'
import type { Deps } from './deps.ts'
import { logFailure } from './failures.ts'
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

export const signInRoutes = (app: OpenAPIHono, deps: Deps): void => {
  const { config, openid, log, limits, signInLimits } = deps
  const address = (c: Context) => addressOf(c, deps.peerOf, config.trustedHops)
  const pageOf = (c: Context, status: number, body: string, more: Headers = {}) =>
    new Response(body, {
      status,
      headers: {
        ...pageHeaders(config, requestIdOf(c.req.header('x-request-id')), { alone: true }),
        ...more,
      },
    })

  /** Answers with what `show` makes, or with a page that says why it cannot. */
  const page = (path: string, show: (c: Context, openid: OpenId) => Promise<Response>) =>
    app.get(path, async (c) => {
      if (!openid) throw new HttpProblem('not_a_route', 'No OpenID provider is configured here.')
      try {
        limits.caller.count(`address ${address(c)}`)
        return await show(c, openid)
      } catch (error) {
        const { status, headers, ...message } = refusalOf(error, openid.label)
        // What the provider does is logged where it is asked.
        if (!(error instanceof OpenIdFailure))
          logFailure(log, error, {
            request_id: requestIdOf(c.req.header('x-request-id')),
            operation: path,
          })
        return pageOf(c, status, messagePage(message), { ...headers, 'Set-Cookie': forgotten })
      }
    })

  page(START, async (c, { begin }) => {
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
    }
    return new Response(null, { status: 302, headers })
  })

  page(CALLBACK, async (c, { finish, label }) => {
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
    return pageOf(c, 200, codePage({ code, label, name: claims.name, purpose: flow.purpose }), {
      'Set-Cookie': forgotten,
    })
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
