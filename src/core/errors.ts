/**
 * One fault in the input. `at` is the path of the field, or one name. `header`: it is the name of a
 * header.
 */
export type Fault = {
  readonly at: readonly (string | number)[]
  readonly code: string
  readonly detail: string
  readonly header?: true
}

/**
 * What a verb can refuse, without a word about HTTP:
 * - `unauthenticated`: the credential proves nothing (missing, expired, ended, forged)
 * - `invalid_credentials`: the e-mail address and password do not belong together
 * - `insufficient_scope`, `session_required`: the caller's own credential may not do this
 * - `not_author`: another user wrote it
 * - `quota_exceeded`: a limit on how many things a user may own, or how many bytes their texts may
 *   take
 * - `not_found`: no such thing, or not the caller's: the two are never told apart
 * - `invalid`: the input, fault by fault
 * - `email_taken`, `name_taken`, `external_id_taken`, `identity_taken`, `id_taken`, `last_sign_in`,
 *   `trashed`, `not_trashed`, `inbox`, `not_recurring`, `other_occurrence`, `import_running`,
 *   `webhook_inactive`, `write_conflict`: the state does not allow it
 * - `sync_token_expired`: what has changed since is not known any more
 * - `precondition_failed`: not at the revision that the caller named
 * - `precondition_required`: the caller has to name one
 * - `registration_closed`: this server does not do that (registration is closed)
 * - `no_streams`: a client has to ask instead of being told
 * - `unavailable`: not now, try again
 */
export type ErrorCode =
  | 'unauthenticated'
  | 'invalid_credentials'
  | 'insufficient_scope'
  | 'session_required'
  | 'quota_exceeded'
  | 'not_found'
  | 'invalid'
  | 'not_author'
  | 'email_taken'
  | 'name_taken'
  | 'external_id_taken'
  | 'identity_taken'
  | 'id_taken'
  | 'last_sign_in'
  | 'trashed'
  | 'not_trashed'
  | 'inbox'
  | 'not_recurring'
  | 'other_occurrence'
  | 'import_running'
  | 'webhook_inactive'
  | 'write_conflict'
  | 'sync_token_expired'
  | 'precondition_failed'
  | 'precondition_required'
  | 'registration_closed'
  | 'no_streams'
  | 'unavailable'

/** `retryAfter`: seconds after which it may work, where that is known. */
type Circumstances = ErrorOptions & { readonly retryAfter?: number }

export class DomainError extends Error {
  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  readonly retryAfter: number | undefined
  constructor(
    code: ErrorCode,
    detail: string,
    faults: readonly Fault[] = [],
    { retryAfter, ...options }: Circumstances = {},
  ) {
    super(detail, options)
    this.code = code
    this.faults = faults
    this.retryAfter = retryAfter
  }
}

export const notFound = (what: string): DomainError =>
  new DomainError('not_found', `There is no such ${what}.`)
export const stale = (what: string): DomainError =>
  new DomainError(
    'precondition_failed',
    `The ${what} has changed since the revision that you named. Read it again.`,
  )
export const invalid = (...faults: Fault[]): DomainError =>
  new DomainError('invalid', faults.map((f) => f.detail).join(' '), faults)
export const accountGone = (): DomainError =>
  new DomainError('unauthenticated', 'The account that this credential belongs to is gone.')
/** The same answer for an id that is unknown and one that belongs to another user. */
export const unknownReference = (
  field: string,
  what: string,
  within: readonly string[] = [],
): DomainError =>
  invalid({ at: [...within, field], code: 'unknown', detail: `There is no such ${what}.` })
