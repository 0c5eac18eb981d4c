// What is noted of each answer: one line in the log, and what the metrics count.
import { DomainError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { noteSuperseded } from '../core/superseded.ts'
import type { Meters } from './meters.ts'
import { HttpProblem } from './problem.ts'

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
  readonly code: string | undefined
}

/**
 * The line of a request that was refused or has failed. It says why, and is more important, where
 * only the operator can know: the client was told that something is wrong here, and not what.
 */
export const logFailure = (log: Log, line: Line, error: unknown): void => {
  const { code } = line
  if (code === 'superseded') noteSuperseded(log)
  if (code === 'internal') log.error('request failed', { ...line, error })
  else if (code === 'unavailable' && isUntold(error))
    log.warning('request failed', { ...line, error })
  else log.info('request', line)
}

/** Is there more to say than the client was told? */
const isUntold = (error: unknown): boolean =>
  !(error instanceof HttpProblem) &&
  !(error instanceof DomainError && (error as { cause?: unknown }).cause === undefined)
