import type { Config } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { createLog, type Log } from '../../core/log.ts'
import { textFormat } from '../../core/log-text.ts'

const FLUSH_MS = 100
const FLUSH_BYTES = 64 * 1024

/** How lines look. `coloured` is text for a terminal that shows colours. */
export type LogFormat = 'json' | 'text' | 'coloured'

/**
 * `auto` is text where people read it at a terminal. Colours are for terminals whose user does not
 * refuse them (no-color.org).
 */
export const logFormatOf = (
  wanted: Config['logFormat'],
  { isTTY = false }: { readonly isTTY?: boolean } = process.stdout,
  { NO_COLOR = '', TERM }: Readonly<Record<string, string | undefined>> = process.env,
): LogFormat => {
  if (wanted === 'json' || (wanted === 'auto' && !isTTY)) return 'json'
  return isTTY && NO_COLOR === '' && TERM !== 'dumb' ? 'coloured' : 'text'
}

/**
 * The log on standard output, a line for each entry. It writes lines together, every tenth of a
 * second or 64 KiB: a write for each line would cost more than the rest of the line.
 */
export const createBufferedLog = (level: Config['logLevel'], format: LogFormat): Log => {
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
    process.stdout.write(text)
  }
  // A full disk, or a reader that has ended, must not end the service: the log only loses lines.
  process.stdout.on('error', () => {})
  process.on('exit', flush)
  return createLog(
    level,
    (line) => {
      waiting.push(line, '\n')
      size += line.length
      if (size >= FLUSH_BYTES) flush()
      else timer ??= setTimeout(flush, FLUSH_MS).unref()
    },
    systemClock,
    ...(format === 'json' ? [] : [textFormat({ coloured: format === 'coloured' })]),
  )
}
