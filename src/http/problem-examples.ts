// What each refusal looks like, as the document shows it.
import { type ProblemCode, problemOf } from './problem.ts'

/** What only the original contract, a batch, the router or a fault of the service answers. */
const elsewhere = [
  'bad_request',
  'other_user',
  'not_a_route',
  'method_not_allowed',
  'not_implemented',
  'not_run',
  'internal',
] as const satisfies readonly ProblemCode[]
/** What is answered before a request reaches the app (`runtimes/node/http-errors.ts`). */
const ofServers = ['malformed_http', 'headers_too_large'] as const
export type DocumentedCode = Exclude<ProblemCode, (typeof elsewhere)[number]>

const details: Readonly<Record<DocumentedCode, string>> = {
  malformed_json: 'The body is not JSON: Unexpected end of JSON input.',
  malformed_text: 'The body is not UTF-8.',
  incomplete_body: 'The request ended before its body did.',
  request_timeout: 'The body of this request does not arrive.',
  unauthenticated: 'Send an access token or API key: Authorization: Bearer …, or X-API-Key.',
  invalid_credentials: 'The e-mail address or the password is wrong.',
  insufficient_scope: 'This API key lacks the scope tasks:write.',
  session_required: 'This needs a session: sign in, and use its access token.',
  not_author: 'Only its author may change or delete a comment.',
  registration_closed: 'Registration is closed here.',
  quota_exceeded: 'You have as many of these as one user may have.',
  not_found: 'There is no such task.',
  email_taken: 'There is an account with this e-mail address.',
  name_taken: 'You have a label of this name.',
  external_id_taken: 'Another task of this project has this external_id.',
  identity_taken: 'This identity belongs to another account.',
  id_taken: 'This id cannot be used for something new. Make another one.',
  last_sign_in: 'This is the only way to sign in to this account.',
  trashed: 'The task is in the trash. Restore it first.',
  not_trashed: 'The task is not in the trash. Only what is there can be deleted for good.',
  inbox: 'The inbox can be neither deleted nor archived.',
  not_recurring: 'The task does not recur.',
  other_occurrence:
    'The task does not stand at this occurrence, and has not done it. Read it again.',
  import_running: 'An import of yours is not done yet. Wait for it, or cancel it.',
  webhook_inactive: 'The webhook is switched off. Switch it on first.',
  write_conflict: 'Others keep changing this at the same moment. Try again.',
  sync_token_expired:
    'This sync token is not good any more. Start over: ask without since, and keep only what that tells.',
  precondition_failed: 'The task has changed since the revision that you named. Read it again.',
  no_streams: 'This service keeps no streams: ask GET /api/v1/changes every 30 seconds.',
  too_large: 'The body of this request may have 1048576 bytes.',
  unsupported_media_type: 'Send application/json in UTF-8 and say so in Content-Type.',
  invalid: 'The request does not fit; see errors.',
  precondition_required: 'Name the revision that you replace, in If-Match.',
  rate_limited: 'Too many requests. Retry-After says in how many seconds the next one may be made.',
  superseded:
    'A newer version of the service has migrated the database, and this process no longer writes. Nothing was done.',
  storage_full: 'The storage of this service is full, so nothing was changed.',
  unavailable: 'The database cannot be reached or cannot be written to right now.',
}
/** What the original contract refuses besides. */
const originalDetails = {
  bad_request: 'The title is missing.',
  other_user: "This path belongs to another user than the token's.",
  not_implemented: 'This service has no chat: /chat is not part of it.',
} as const satisfies Partial<Record<ProblemCode, string>>
export type OriginalCode = DocumentedCode | keyof typeof originalDetails

export const documentedCodes = Object.keys(details) as DocumentedCode[]
/** Every code that a problem can have. */
export const problemCodes = [...documentedCodes, ...elsewhere, ...ofServers]

/** One problem, under its name in the document's examples. */
export const exampleOf = (code: OriginalCode) => {
  const { status, title } = problemOf(code)
  return {
    summary: title,
    value: {
      type: `urn:taskport:problem:${code}`,
      title,
      status,
      detail: { ...details, ...originalDetails }[code],
      instance: '/api/v1/tasks',
      code,
      request_id: '1f0c2b5e-6f0a-4d43-9a51-0c8d3d0b7a11',
      ...(code === 'invalid' && {
        errors: [{ pointer: '/title', code: 'required', detail: 'This is required.' }],
      }),
    },
  }
}
