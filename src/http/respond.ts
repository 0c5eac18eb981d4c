import type { Context } from 'hono'
import type { Config } from '../config.ts'
import { anyOrigin, corsOf } from './cors.ts'
import { isKnown } from './etags.ts'
import type { Answer } from './result.ts'

/** Sent with every API answer. */
const always = {
  'Content-Type': 'application/json',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
}

export type Responder = (c: Context, answer: Answer, requestId: string) => Response

/**
 * The headers that every answer of the API has. The record is a copy of one, because to make it of
 * its parts takes ten times as long.
 */
export const headersOf = (
  { corsOrigins }: Pick<Config, 'corsOrigins'>,
  cacheControl: string,
): ((c: Context, requestId: string) => Record<string, string>) => {
  const cors = corsOf(corsOrigins)
  const usual = {
    ...always,
    ...(corsOrigins === '*' && anyOrigin),
    'Cache-Control': cacheControl,
    'X-Request-Id': '',
  }
  return (c, requestId) => {
    const record: Record<string, string> = { ...usual }
    record['X-Request-Id'] = requestId
    if (corsOrigins !== '*') Object.assign(record, cors(c))
    return record
  }
}

/**
 * Makes of answers Responses with this `Cache-Control`. One plain record of headers and one `new
 * Response`: Hono's own setters build a Headers object, which costs as much as the rest of the
 * request.
 */
export const responder = (config: Pick<Config, 'corsOrigins'>, cacheControl: string): Responder => {
  const usual = headersOf(config, cacheControl)
  return (c, { status, body, print, headers }, requestId) => {
    const record = usual(c, requestId)
    Object.assign(record, headers)
    const etag = headers?.['ETag']
    if (
      etag !== undefined &&
      status === 200 &&
      (c.req.method === 'GET' || c.req.method === 'HEAD')
    ) {
      const known = c.req.header('if-none-match')
      if (known !== undefined && isKnown(known, etag))
        return new Response(null, { status: 304, headers: record })
    }
    if (body === undefined) {
      delete record['Content-Type']
      return new Response(null, { status, headers: record })
    }
    if (body instanceof ReadableStream && c.req.method === 'HEAD') {
      void body.cancel()
      return new Response(null, { status, headers: record })
    }
    const isReady = typeof body === 'string' || body instanceof ReadableStream
    return new Response(isReady ? body : (print?.() ?? JSON.stringify(body)), {
      status,
      headers: record,
    })
  }
}
