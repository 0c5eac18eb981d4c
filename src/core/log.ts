// The log of the service: JSON lines, made here and written by the runtime. A request's line costs
// a microsecond.
import { instantOf } from '../db/instant.ts'
import type { Clock } from './clock.ts'

/** In ascending order of importance. */
export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
type Details = Readonly<Record<string, unknown>>
type Say = (message: string, details?: Details) => void

/**
 * Where the service says what happens: a short message that never varies, and what does vary as
 * details.
 */
export type Log = Readonly<Record<LogLevel, Say>>

/** Takes one line, a JSON object without the line's end. */
type Sink = (line: string, level: LogLevel) => void

/** A log of JSON lines (`time`, `level`, `message`, then the details), from `least` on. */
export const createLog = (least: LogLevel, sink: Sink, clock: Clock): Log => {
  const sayAt = (level: LogLevel): Say =>
    logLevels.indexOf(level) < logLevels.indexOf(least)
      ? () => {}
      : (message, details) =>
          sink(
            JSON.stringify({ time: instantOf(clock.now()), level, message, ...spoken(details) }),
            level,
          )
  return {
    debug: sayAt('debug'),
    info: sayAt('info'),
    warning: sayAt('warning'),
    error: sayAt('error'),
  }
}

/** Discards everything. */
export const silent: Log = { debug: () => {}, info: () => {}, warning: () => {}, error: () => {} }

const spoken = (details: Details | undefined): Details | undefined =>
  details !== undefined && 'error' in details
    ? { ...details, error: describe(details['error']) }
    : details

const MAX_CAUSES = 8
/**
 * Errors have no properties that JSON would show. Only what is named here is shown: others may
 * carry a query's values.
 */
const describe = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error) || depth > MAX_CAUSES) return String(error)
  const { name, message, stack, cause } = error
  const code = (error as { code?: unknown }).code
  return {
    name,
    message,
    code,
    stack,
    ...(cause !== undefined && { cause: describe(cause, depth + 1) }),
  }
}
