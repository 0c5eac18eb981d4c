// Responses for requests that do not reach the app, or in which it fails.
import type { Deps } from '../../http/deps.ts'
import { logFailure, NONE } from '../../http/observation.ts'
import { answerOf, codeOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request.ts'

/** docs/errors.md lists these codes too. */
export type Fault = {
  readonly status: number
  readonly reason: string
  readonly code: string
  readonly detail: string
}
export const malformed: Fault = {
  status: 400,
  reason: 'Bad Request',
  code: 'malformed_http',
  detail: 'This is not a well-formed HTTP request.',
}
export const noProxy: Fault = {
  status: 405,
  reason: 'Method not allowed',
  code: 'method_not_allowed',
  detail: 'This is no proxy: it knows no CONNECT.',
}
/** The code of an error: a body in too many chunks. */
export const TOO_MANY_CHUNKS = 'TOO_MANY_CHUNKS'
export const faults: Record<string, Fault> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    detail: 'The headers of a request may have 16 KiB.',
  },
  [TOO_MANY_CHUNKS]: {
    status: 413,
    reason: 'Request body too large',
    code: 'too_large',
    detail:
      'The body of this request comes in too many chunks: 4096, and one more for each 128 bytes. Send larger ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'request_timeout',
    detail: 'The request took too long to arrive.',
  },
}

export const problemText = ({ status, reason, code, detail }: Fault, requestId: string): string =>
  JSON.stringify({
    type: `urn:taskport:problem:${code}`,
    title: reason,
    status,
    detail,
    instance: '',
    code,
    request_id: requestId,
  })

/** A request that has no operation is answered: the log gets its line. */
export const logFault = ({ status, code }: Fault, requestId: string, log: Deps['log']): void =>
  log.info('request', { request_id: requestId, operation: NONE, status, code })

export const problemResponse = (fault: Fault, log: Deps['log']): Response => {
  const requestId = requestIdOf(undefined)
  logFault(fault, requestId, log)
  return new Response(problemText(fault, requestId), {
    status: fault.status,
    headers: { 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId },
  })
}

/** An unexpected error as a problem. The log gets its message. */
export const unforeseen = (error: unknown, log: Deps['log']): Response => {
  const requestId = requestIdOf(undefined)
  const { body, status, headers } = answerOf(error, { requestId, path: '', part: 'parameter' })
  logFailure(log, { request_id: requestId, operation: NONE, status, code: codeOf(error) }, error)
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'X-Request-Id': requestId },
  })
}
