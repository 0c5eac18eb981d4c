// CORS (Fetch standard): which pages of other origins may call, and what they may see.
import type { Context } from 'hono'
import type { Config } from '../config.ts'

const exposed =
  'ETag, Link, Location, Retry-After, X-Request-Id, RateLimit, RateLimit-Policy, Idempotency-Replayed'
export const anyOrigin = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposed,
}

/** No origin is longer: a host name has at most 253 characters. */
const MAX_ORIGIN = 300

/** Whether an origin is this one, or fits this pattern. */
const fits = (pattern: string): ((origin: string) => boolean) => {
  if (!pattern.includes('*')) return (origin) => origin === pattern
  const [, scheme = '', host = '', port = ''] =
    /^(https?:\/\/)(\[[^\]]+\]|[^:[]+)(:.+)?$/.exec(pattern) ?? []
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // A whole label is one or more of them, a part of one stays within it.
  const hosts = host.startsWith('*.')
    ? `(?:[a-z0-9_-]+\\.)+${escaped(host.slice(2))}`
    : host.split('*').map(escaped).join('[a-z0-9_-]+')
  const ports = port === ':*' ? '(?::\\d{1,5})?' : escaped(port)
  const whole = new RegExp(`^${escaped(scheme)}${hosts}${ports}$`)
  return (origin) => origin.length <= MAX_ORIGIN && whole.test(origin)
}

/**
 * Any origin, without credentials (the standard forbids them there), unless the configuration names
 * some. A named one may send credentials: cookies of a proxy in front, that is, for this service
 * has none that the API looks at.
 */
export const corsOf = (
  origins: Config['corsOrigins'],
): ((c: Context) => Readonly<Record<string, string>>) => {
  if (origins === '*') return () => anyOrigin
  const tests = origins.map(fits)
  return (c) => {
    const origin = c.req.header('origin')
    if (origin === undefined || !tests.some((test) => test(origin))) return { Vary: 'Origin' }
    return {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': exposed,
      Vary: 'Origin',
    }
  }
}

const taken = [
  'Authorization',
  'X-API-Key',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'X-Request-Id',
]
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * The headers that a page may send: those that the service looks at, and all that it asks for.
 * Libraries add headers of their own (`sentry-trace`, `traceparent`), and an ignored one does no
 * harm.
 */
const allowedHeaders = (asked = ''): string => {
  const names = asked.split(',').map((name) => name.trim())
  const others = new Map(names.map((name) => [name.toLowerCase(), name]))
  for (const name of taken) others.delete(name.toLowerCase())
  return [...taken, ...others.values()].filter((name) => TOKEN.test(name)).join(', ')
}

/** The answer to a preflight request; `cors` is what every answer to the page says. */
export const preflightAnswer = (
  c: Context,
  cors: Readonly<Record<string, string>>,
  allow: string,
): Response => {
  const headers = {
    ...cors,
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'Access-Control-Allow-Headers': allowedHeaders(c.req.header('access-control-request-headers')),
    'Access-Control-Max-Age': '86400',
    Vary: [cors['Vary'], 'Access-Control-Request-Headers'].filter(Boolean).join(', '),
    Allow: allow,
  }
  return new Response(null, { status: 204, headers })
}
