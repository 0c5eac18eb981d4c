// What is noted of each answer: one line in the log, and what the metrics count.
import type { Log } from '../core/log.ts'
import { noteSuperseded } from '../core/superseded.ts'
import type { Meters } from './meters.ts'

type Answered = {
  readonly requestId: string
  readonly status: number
  /** By the clock of `performance.now()`. */
  readonly began: number
  /** The code of the problem that was answered. */
  readonly code?: string | undefined
  readonly userId?: string | undefined
  /** Why the request failed. */
  readonly error?: unknown
}

/** Notes an answer of one operation. */
export type Note = (answered: Answered) => void

export type Observation = {
  /** `operation` is its name in the log, `route` in the metrics. */
  of(operation: string, route: string): Note
}

/** Where no operation was found. */
export const NONE = 'none'

export const createObservation = (log: Log, meters: Meters | undefined): Observation => ({
  of: (operation, route) => {
    const meter = meters?.of(route)
    return ({ requestId, status, began, code, userId, error }) => {
      const ms = performance.now() - began
      meter?.(status, ms)
      const line = {
        request_id: requestId,
        operation,
        status,
        code,
        ms: Math.round(ms * 100) / 100,
        user_id: userId,
      }
      if (error === undefined) log.info('request', line)
      else logFailure(log, line, error)
    }
  },
})

type Line = Readonly<Record<string, unknown>> & {
  readonly request_id: string
  readonly status: number
  readonly code: string | undefined
}

/** What needs no line of its own: the client knows the cause, or it was logged once for all. */
const isTold: ReadonlySet<string | undefined> = new Set([
  'not_implemented',
  'superseded',
  'storage_full',
])

/**
 * The line of a request that was refused or has failed. A failure has its cause, because the client
 * was told no more than its code. What the service could not foresee is an error; what passes (the
 * database is away) is a warning.
 */
export const logFailure = (log: Log, line: Line, error: unknown): void => {
  const { code, status } = line
  // Told once: all writes fail like this then.
  if (code === 'superseded') noteSuperseded(log)
  if (code === 'internal') log.error('request failed', { ...line, error })
  else if (status >= 500 && !isTold.has(code)) log.warning('request failed', { ...line, error })
  else log.info('request', line)
}
