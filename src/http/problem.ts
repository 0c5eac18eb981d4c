// Errors as application/problem+json (RFC 9457).
import { DomainError, type ErrorCode, type Fault } from '../core/errors.ts'
import { MAX_FAULTS } from '../core/validation.ts'
import { isStorageFull, isSuperseded } from '../db/portable.ts'
import { isUnavailable } from '../db/unavailable.ts'
import type { Answer } from './result.ts'

/** What only the transport refuses. */
export type TransportCode =
  | 'malformed_json'
  | 'malformed_text'
  | 'incomplete_body'
  | 'request_timeout'
  | 'bad_request'
  | 'other_user'
  | 'not_a_route'
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'superseded'
  | 'storage_full'
  | 'not_implemented'
  | 'not_run'
  | 'internal'
export type ProblemCode = ErrorCode | TransportCode

/** A refusal by the transport itself, with headers that belong to its answer. */
export class HttpProblem extends Error {
  readonly code: TransportCode
  readonly headers: Readonly<Record<string, string>>
  constructor(code: TransportCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.code = code
    this.headers = headers
  }
}

/** Seconds after which a caller whose request could not be served may come back. */
const RETRY_AFTER_UNAVAILABLE = '2'
/** The same for one that others kept getting ahead of; it has already waited here. */
const RETRY_AFTER_CONTENDED = '1'

/**
 * Says how to authenticate; an error code behind it says what was wrong with the credential (RFC
 * 6750, 3 and 3.1).
 */
const CHALLENGE = 'Bearer realm="taskport"'

/** The one place where codes become statuses and titles; the compiler sees that none is missing. */
export const problemOf = (
  code: ProblemCode,
): { status: number; title: string; headers?: Record<string, string> } => {
  switch (code) {
    case 'malformed_json':
    case 'malformed_text':
    case 'incomplete_body':
      return { status: 400, title: 'Malformed request body' }
    case 'bad_request':
      return { status: 400, title: 'Bad request' }
    case 'unauthenticated':
      return {
        status: 401,
        title: 'Authentication required',
        headers: { 'WWW-Authenticate': CHALLENGE },
      }
    case 'invalid_credentials':
      return {
        status: 401,
        title: 'Wrong e-mail address or password',
        headers: { 'WWW-Authenticate': CHALLENGE },
      }
    case 'insufficient_scope':
    case 'session_required':
      return {
        status: 403,
        title: 'Not allowed with this credential',
        headers: { 'WWW-Authenticate': `${CHALLENGE}, error="insufficient_scope"` },
      }
    case 'not_author':
      return { status: 403, title: 'Not yours to change' }
    case 'other_user':
      return { status: 403, title: 'Not your path' }
    case 'registration_closed':
      return { status: 403, title: 'Registration is closed' }
    case 'quota_exceeded':
      return { status: 403, title: 'Quota reached' }
    case 'not_found':
    case 'not_a_route':
      return { status: 404, title: 'Not found' }
    case 'request_timeout':
      return { status: 408, title: 'Request timeout' }
    case 'method_not_allowed':
      return { status: 405, title: 'Method not allowed' }
    case 'email_taken':
    case 'name_taken':
    case 'external_id_taken':
    case 'identity_taken':
    case 'id_taken':
    case 'last_sign_in':
    case 'trashed':
    case 'not_trashed':
    case 'inbox':
    case 'not_recurring':
    case 'other_occurrence':
    case 'import_running':
    case 'webhook_inactive':
      return { status: 409, title: 'Conflict' }
    case 'write_conflict':
      return { status: 409, title: 'Conflict', headers: { 'Retry-After': RETRY_AFTER_CONTENDED } }
    case 'sync_token_expired':
      return { status: 410, title: 'Sync token expired' }
    case 'precondition_failed':
      return { status: 412, title: 'Changed since' }
    case 'too_large':
      return { status: 413, title: 'Request body too large' }
    case 'unsupported_media_type':
      return { status: 415, title: 'Unsupported media type' }
    case 'invalid':
      return { status: 422, title: 'Invalid request' }
    case 'not_run':
      return { status: 424, title: 'Not run' }
    case 'precondition_required':
      return { status: 428, title: 'Precondition required' }
    case 'rate_limited':
      return { status: 429, title: 'Too many requests' }
    case 'no_streams':
      return { status: 501, title: 'No streams here' }
    case 'not_implemented':
      return { status: 501, title: 'Not part of this service' }
    case 'internal':
      return { status: 500, title: 'Internal error' }
    case 'superseded':
      return {
        status: 503,
        title: 'Superseded by a newer version',
        headers: { 'Retry-After': RETRY_AFTER_UNAVAILABLE },
      }
    case 'storage_full':
      return { status: 507, title: 'Storage full' }
    case 'unavailable':
      return {
        status: 503,
        title: 'Temporarily unavailable',
        headers: { 'Retry-After': RETRY_AFTER_UNAVAILABLE },
      }
  }
}

/** Where the faults of a request lie: in its body (a JSON pointer each) or among its parameters. */
type RequestPart = 'body' | 'parameter'

/** Characters of a name that an answer repeats: a caller may send a name of a megabyte. */
const MOST_OF_NAME = 200
const shown = (name: string): string =>
  name.length <= MOST_OF_NAME ? name : `${name.slice(0, MOST_OF_NAME).toWellFormed()}…`
const pointer = (at: Fault['at']): string =>
  at.map((step) => `/${shown(String(step)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const errorsOf = (faults: readonly Fault[], part: RequestPart) =>
  faults
    .slice(0, MAX_FAULTS)
    .map(({ at, code, detail, header }) =>
      part === 'body' && !header
        ? { pointer: pointer(at), code, detail }
        : { parameter: shown(String(at[0] ?? '')), code, detail },
    )

type Asked = {
  readonly requestId: string
  readonly path: string
  readonly part: RequestPart
  /** Did the request carry a token or a key? Then 401 says that it is not valid. */
  readonly hasCredential?: boolean
}

/**
 * Any error as an answer. An unforeseen one is `internal`: its own words go into the log, never to
 * the caller.
 */
export const answerOf = (
  error: unknown,
  { requestId, path, part, hasCredential = false }: Asked,
): Answer => {
  const code = codeOf(error)
  const { status, title, headers } = problemOf(code)
  const challenge = code === 'unauthenticated' &&
    hasCredential && { 'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"` }
  const faults = error instanceof DomainError ? error.faults : []
  const retry = error instanceof DomainError &&
    error.retryAfter !== undefined && { 'Retry-After': String(error.retryAfter) }
  const said = error instanceof DomainError || error instanceof HttpProblem
  return {
    status,
    body: {
      type: `urn:taskport:problem:${code}`,
      title,
      status,
      detail: said ? error.message : explain(code),
      instance: path,
      code,
      request_id: requestId,
      ...(faults.length > 0 && { errors: errorsOf(faults, part) }),
    },
    headers: {
      'Content-Type': 'application/problem+json',
      ...headers,
      ...challenge,
      ...retry,
      ...(error instanceof HttpProblem && error.headers),
    },
  }
}

export const codeOf = (error: unknown): ProblemCode => {
  if (error instanceof DomainError || error instanceof HttpProblem) return error.code
  if (isSuperseded(error)) return 'superseded'
  if (isStorageFull(error)) return 'storage_full'
  return isUnavailable(error) ? 'unavailable' : 'internal'
}
const explain = (code: ProblemCode): string =>
  explanations[code] ?? 'Something went wrong here. The request id finds it in the log.'
const explanations: Partial<Record<ProblemCode, string>> = {
  unavailable:
    'The database cannot be reached or cannot be written to right now. Whether this was done is not known: read first, or repeat it with the same Idempotency-Key.',
  superseded:
    'A newer version of the service has migrated the database, and this process no longer writes. Nothing was done: send this again, it reaches the newer version.',
  storage_full:
    'The storage of this service is full, so nothing was changed. Reading, deleting and signing in need next to no space and go on. Sending this again helps once there is room.',
}
