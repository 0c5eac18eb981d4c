import { isUnavailable } from '../db/unavailable.ts'
import type { Log } from './log.ts'

/**
 * The line of work without a request that has failed and is tried again. As with requests, what
 * the database is the reason for (it is away, slow, or refuses the connection) is a warning, and
 * what the service could not foresee is an error.
 */
export const logFailedWork = (
  log: Log,
  message: string,
  details: { readonly error: unknown } & Readonly<Record<string, unknown>>,
): void => log[isUnavailable(details.error) ? 'warning' : 'error'](message, details)
