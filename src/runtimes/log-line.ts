import type { LogRecord } from '@logtape/logtape'

/** One line of the log: a JSON object, without the line's end. */
export const lineOf = ({ timestamp, level, message, properties }: LogRecord): string =>
  JSON.stringify({ time: new Date(timestamp).toISOString(), level, message: message.join(''), ...properties }, withErrors)

/** Errors have no properties that JSON would show. Only what is named here is shown: others may carry a query's values. */
const withErrors = (_name: string, value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, message: value.message, code: (value as { code?: unknown }).code, stack: value.stack, cause: value.cause }
    : value
