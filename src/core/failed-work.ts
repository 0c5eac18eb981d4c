import { isUnavailable } from '../db/unavailable.ts'
import type { Log } from './log.ts'

/** `signal`: aborted when the process is to end, which then closes the database behind its work. */
export type Ending = { readonly signal?: AbortSignal | undefined }

/**
 * The line of work without a request that has failed and is tried again. As with requests, what
 * the database is the reason for (it is away, slow, or refuses the connection) is a warning, and
 * what the service could not foresee is an error. What the end of the process interrupts has not
 * failed, and has no line.
 */
export const logFailedWork = (
  { log, signal }: { readonly log: Log } & Ending,
  message: string,
  details: { readonly error: unknown } & Readonly<Record<string, unknown>>,
): void => {
  if (!signal?.aborted) log[isUnavailable(details.error) ? 'warning' : 'error'](message, details)
}
