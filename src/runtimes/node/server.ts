import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import type { Context } from 'hono'
import type { App } from '../../app.ts'
import type { PeerOf } from '../../http/address.ts'
import type { Deps } from '../../http/deps.ts'
import { answerOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request.ts'

/** The address at the other end of the socket. */
export const peerOf: PeerOf = (c: Context) => (c.env as Partial<HttpBindings>).incoming?.socket.remoteAddress

const SECOND = 1000
const MAX_CONNECTIONS = 5_000
/**
 * Time for the headers, and for a whole request of at most 1 MiB: slow senders do not hold sockets. Idle connections are
 * kept longer than the 60 seconds of most proxies, or a proxy would send requests into a closing one.
 */
const timeouts = {
  headersTimeout: 15 * SECOND,
  requestTimeout: 60 * SECOND,
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
}

/** The app behind node:http. Requests that never become a Request get a problem as well. */
export const createHttpServer = (app: App, log: Deps['log']): Server => {
  const errorHandler = (error: unknown): Response => {
    const requestId = requestIdOf(undefined)
    if (error instanceof RequestError) return problemResponse(malformed, requestId)
    log.error('request failed', { request_id: requestId, error })
    const { body, status, headers } = answerOf(error, { requestId, path: '', place: 'parameter' })
    return new Response(JSON.stringify(body), { status, headers: { ...headers, 'X-Request-Id': requestId } })
  }
  // Without a Host header a request is answered by the listener below, in our own form, instead of by node:http.
  const server = createServer(
    { ...timeouts, requireHostHeader: false },
    getRequestListener((request, env) => app.fetch(request, env), { errorHandler }),
  )
  // Who neither sends nor takes anything for this long gives its memory back.
  server.setTimeout(timeouts.requestTimeout / 2)
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    return socket.end(rawAnswer(faults[error.code ?? ''] ?? malformed, requestIdOf(undefined)))
  })
  return server
}

/** What node:http refuses before there is a request; docs/errors.md lists these codes too. */
type HttpFault = { readonly status: number; readonly reason: string; readonly code: string; readonly detail: string }
const malformed: HttpFault = {
  status: 400,
  reason: 'Bad Request',
  code: 'malformed_http',
  detail: 'This is not a well-formed HTTP request.',
}
const faults: Record<string, HttpFault> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    detail: 'The headers of a request may have 16 KiB.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'request_timeout',
    detail: 'The request took too long to arrive.',
  },
}

const problemText = ({ status, reason, code, detail }: HttpFault, requestId: string): string =>
  JSON.stringify({ type: `urn:taskport:problem:${code}`, title: reason, status, detail, instance: '', code, request_id: requestId })

const problemResponse = (fault: HttpFault, requestId: string): Response =>
  new Response(problemText(fault, requestId), {
    status: fault.status,
    headers: { 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId },
  })

const rawAnswer = (fault: HttpFault, requestId: string): string => {
  const body = problemText(fault, requestId)
  return `HTTP/1.1 ${fault.status} ${fault.reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`
}
