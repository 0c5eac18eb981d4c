import { configureSync, type LogRecord } from '@logtape/logtape'
import type { Config } from '../../config.ts'
import { lineOf } from '../log-line.ts'

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
    const line = `${lineOf(record)}\n`
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
