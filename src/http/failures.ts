import type { Log } from '../core/log.ts'
import { noteSuperseded } from '../core/superseded.ts'
import { codeOf, problemOf } from './problem.ts'

/**
 * Logs the cause of each answer of 5xx, once: callers are told no more than its code. What the service or an
 * operator could not foresee is an error. What passes (the database is away, the storage is full) is a warning.
 */
export const logFailure = (
  log: Log,
  error: unknown,
  details: Readonly<Record<string, unknown>>,
): void => {
  const code = codeOf(error)
  if (code === 'superseded') noteSuperseded(log)
  const { status } = problemOf(code)
  if (status < 500) return
  if (code === 'internal') log.error('request failed', { ...details, code, error })
  else log.warning('request failed', { ...details, code, error })
}
