// The log of the service: JSON lines. The runtime writes them. The line of a request costs a
// microsecond.
import { instantOf } from '../db/instant.ts'
import type { Clock } from './clock.ts'

/** In ascending order of importance. */
export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
type Details = Readonly<Record<string, unknown>>
type Say = (message: string, details?: Details) => void

/** The log. `message` is short and never varies. What varies is in `details`. */
export type Log = Readonly<Record<LogLevel, Say>>

/** Takes one line: a JSON object, without the line feed. */
type Sink = (line: string, level: LogLevel) => void

/**
 * A log of JSON lines (`time`, `level`, `message`, then the details), from the level `least` on.
 */
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
 * JSON shows no properties of errors. Only these are logged: others may hold the values of a query.
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
