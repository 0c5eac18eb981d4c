// What the service answers before it is ready. The process is healthy, so `/` and `/health` are
// answered 200, and everything else 503 with the reason.
import { DomainError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { NONE } from '../http/observation.ts'
import { answerOf } from '../http/problem.ts'
import { requestIdOf } from '../http/request.ts'

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
  })

/** Answers any request; `reason` is for the client. */
export const answerUnready = (request: Request, reason: string, log: Log): Response => {
  const path = new URL(request.url).pathname
  const requestId = requestIdOf(request.headers.get('x-request-id') ?? undefined)
  const identified = { 'X-Request-Id': requestId }
  const answered = (status: number, body: object, headers = {}, code?: string): Response => {
    log.info('request', { request_id: requestId, operation: NONE, status, code })
    return json(status, body, { ...headers, ...identified })
  }
  // Platforms take a start for failed if `/` is not answered 200.
  if (path === '/') return answered(200, { name: 'Taskport', reason })
  if (path === '/health') return answered(200, { status: 'ok' })
  if (path === '/ready') return answered(503, { status: 'unavailable' })
  const { status, body, headers } = answerOf(new DomainError('unavailable', reason), {
    requestId,
    path,
    part: 'parameter',
  })
  return answered(status, body as object, headers, 'unavailable')
}
