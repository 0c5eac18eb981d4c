import { configureSync, type LogLevel, type LogRecord } from '@logtape/logtape'
import type { Config } from '../../config.ts'
import { lineOf } from '../log-line.ts'

const methods: Partial<Record<LogLevel, 'debug' | 'warn' | 'error'>> = { debug: 'debug', warning: 'warn', error: 'error' }

/** The log: one JSON object a line, on the console, where the platform collects it by level. */
export const configureLog = (level: Config['logLevel']): void =>
  configureSync({
    reset: true,
    sinks: { console: (record: LogRecord) => console[methods[record.level] ?? 'log'](lineOf(record)) },
    loggers: [
      { category: 'taskport', sinks: ['console'], lowestLevel: level },
      { category: ['logtape', 'meta'], sinks: ['console'], lowestLevel: 'error' },
    ],
  })
