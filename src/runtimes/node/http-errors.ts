// Responses for requests that do not reach the app, or in which it fails.
import type { Deps } from '../../http/deps.ts'
import { answerOf } from '../../http/problem.ts'
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
export const faults: Record<string, Fault> = {
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

export const problemResponse = (fault: Fault): Response => {
  const requestId = requestIdOf(undefined)
  return new Response(problemText(fault, requestId), {
    status: fault.status,
    headers: { 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId },
  })
}

/** An unexpected error as a problem. The log gets its message. */
export const unforeseen = (error: unknown, log: Deps['log']): Response => {
  const requestId = requestIdOf(undefined)
  log.error('request failed', { request_id: requestId, error })
  const { body, status, headers } = answerOf(error, { requestId, path: '', place: 'parameter' })
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'X-Request-Id': requestId },
  })
}
