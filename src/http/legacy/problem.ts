// Refusals in the words and the form of the original contract and its family.
import { HttpProblem } from '../problem.ts'
import type { Answer } from '../result.ts'

export const badRequest = (detail: string) => new HttpProblem('bad_request', detail)

type Problem = { readonly detail: string; readonly [field: string]: unknown }

/**
 * A problem (RFC 9457) as plain JSON, with its text under each name that clients of the family look
 * at: `detail` (FastAPI), `error`, `message`.
 */
export const legacyProblem = ({ status, body, headers }: Answer): Answer => {
  const { detail, code, request_id, errors } = body as Problem
  return {
    status,
    body: {
      detail,
      error: detail,
      message: detail,
      code,
      status,
      request_id,
      ...(errors !== undefined && { errors }),
    },
    headers: { ...headers, 'Content-Type': 'application/json' },
  }
}
