// The log of the service: lines of JSON, or of text for a terminal. The runtime writes them. The
// line of a request costs a microsecond.
import { instantOf } from '../db/instant.ts'
import type { Clock } from './clock.ts'

/** In ascending order of importance. */
export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
type Details = Readonly<Record<string, unknown>>
type Say = (message: string, details?: Details) => void

/** The log. `message` is short and never varies. What varies is in `details`. */
export type Log = Readonly<Record<LogLevel, Say>>

/** Takes one line without the line feed. */
type Sink = (line: string, level: LogLevel) => void

/** What is said, before it becomes a line. */
export type LogEntry = {
  readonly time: string
  readonly level: LogLevel
  readonly message: string
  readonly details: Details
}

/** A JSON object: `time`, `level`, `message`, then the details. */
const asJson = ({ time, level, message, details }: LogEntry): string =>
  JSON.stringify({ time, level, message, ...details })

/** A log of lines from the level `least` on. */
export const createLog = (
  least: LogLevel,
  sink: Sink,
  clock: Clock,
  format: (entry: LogEntry) => string = asJson,
): Log => {
  const sayAt = (level: LogLevel): Say =>
    logLevels.indexOf(level) < logLevels.indexOf(least)
      ? () => {}
      : (message, details) =>
          sink(
            format({ time: instantOf(clock.now()), level, message, details: spoken(details) }),
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

const spoken = (details: Details = {}): Details =>
  'error' in details ? { ...details, error: describe(details['error']) } : details

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
