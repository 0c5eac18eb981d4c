import type { Log } from '../core/log.ts'
import { noteSuperseded } from '../core/superseded.ts'
import { codeOf } from './problem.ts'

/** Logs what the operator has to know of a request that failed; callers are told by the answer. */
export const logFailure = (
  log: Log,
  error: unknown,
  details: Readonly<Record<string, unknown>>,
): void => {
  const code = codeOf(error)
  if (code === 'internal') log.error('request failed', { ...details, error })
  if (code === 'superseded') noteSuperseded(log)
}
