import { isUnavailable } from '../db/unavailable.ts'
import type { Interruptible } from './context.ts'
import type { Log } from './log.ts'

/**
 * The line of work without a request that has failed and is tried again. As with requests, what
 * the database is the reason for (it is away, slow, or refuses the connection) is a warning, and
 * what the service could not foresee is an error. What fails once the process is to end has no line:
 * the next process does it again.
 */
export const logFailedWork = (
  { log, signal }: { readonly log: Log } & Interruptible,
  message: string,
  details: { readonly error: unknown } & Readonly<Record<string, unknown>>,
): void => {
  if (!signal?.aborted) log[isUnavailable(details.error) ? 'warning' : 'error'](message, details)
}
