// Lines of the log for people at a terminal.
import type { LogEntry, LogLevel } from './log.ts'

const shown: Readonly<Record<LogLevel, string>> = {
  debug: 'debug',
  info: 'info ',
  warning: 'WARN ',
  error: 'ERROR',
}
/** SGR parameters (ECMA-48, 8.3.117). */
const colours: Readonly<Record<LogLevel, number>> = { debug: 2, info: 36, warning: 33, error: 31 }

/** No character that a terminal could take for a command. */
const safe = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

type Described = {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly stack?: unknown
  readonly cause?: unknown
}

/** An error and its causes, and the first place in the stack, in one line. */
const ofError = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return String(error)
  const { name, message, code, stack, cause } = error as Described
  const place = /\n\s+at (.+)/.exec(String(stack))?.[1]
  const own = `${name}: ${message}${code === undefined ? '' : ` (${code})`}${place === undefined ? '' : ` at ${place}`}`
  return cause === undefined ? own : `${own} <- ${ofError(cause)}`
}

const detail = ([name, value]: [string, unknown]): string => {
  if (name === 'error') return `error=${ofError(value)}`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `${name}=${/[\s"=]/.test(text) || text === '' ? JSON.stringify(value) : text}`
}

/** What a request did, its id at the end: that one is looked for, and not read. */
const ofRequest = ({ message, details }: LogEntry): string | undefined => {
  const { operation, status, code, ms, request_id, user_id, ...rest } = details
  if (operation === undefined || status === undefined) return undefined
  return [
    ...(message === 'request' ? [] : [message]),
    operation,
    status,
    ...(code === undefined ? [] : [code]),
    ...(ms === undefined ? [] : [`${ms} ms`]),
    ...Object.entries(rest).map(detail),
    ...(user_id === undefined ? [] : [`user=${user_id}`]),
    `id=${request_id}`,
  ].join(' ')
}

const ofAnything = ({ message, details }: LogEntry): string =>
  [
    message,
    ...Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .map(detail),
  ].join(' ')

/** One short line: the time of the day (UTC), the level, and what there is to say. */
export const textFormat =
  ({ coloured }: { readonly coloured: boolean }) =>
  (entry: LogEntry): string => {
    const { time, level } = entry
    const said = safe(ofRequest(entry) ?? ofAnything(entry))
    const name = coloured ? `\u001b[${colours[level]}m${shown[level]}\u001b[0m` : shown[level]
    return `${time.slice(11, 19)} ${name} ${said}`
  }
