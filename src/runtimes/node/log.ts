import { configureSync, type LogRecord } from '@logtape/logtape'
import type { Config } from '../../config.ts'

const FLUSH_MS = 100
const FLUSH_BYTES = 64 * 1024

/** Where finished lines go: to standard output, unless a test says otherwise. */
type Out = (text: string) => void

/**
 * The log: one JSON object a line, on standard output. Lines are collected for a tenth of a second or 64 KiB and written
 * at once, which makes a request's line cost next to nothing. Answers a function that writes what is collected.
 */
export const configureLog = (level: Config['logLevel'], out: Out = (text) => process.stdout.write(text)): (() => void) => {
  let waiting: string[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const text = waiting.join('')
    waiting = []
    size = 0
    out(text)
  }
  const sink = (record: LogRecord) => {
    const line = lineOf(record)
    waiting.push(line)
    size += line.length
    if (size >= FLUSH_BYTES) flush()
    else timer ??= setTimeout(flush, FLUSH_MS).unref()
  }
  configureSync({
    reset: true,
    sinks: { lines: sink },
    loggers: [
      { category: 'taskport', sinks: ['lines'], lowestLevel: level },
      { category: ['logtape', 'meta'], sinks: ['lines'], lowestLevel: 'error' },
    ],
  })
  process.on('exit', flush)
  return flush
}

const lineOf = ({ timestamp, level, message, properties }: LogRecord): string =>
  `${JSON.stringify({ time: new Date(timestamp).toISOString(), level, message: message.join(''), ...properties }, withErrors)}\n`

/** Errors have no properties that JSON would show. Only what is named here is shown: others may carry a query's values. */
const withErrors = (_name: string, value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, message: value.message, code: (value as { code?: unknown }).code, stack: value.stack, cause: value.cause }
    : value
