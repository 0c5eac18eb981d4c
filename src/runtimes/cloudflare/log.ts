import { systemClock } from '../../core/clock.ts'
import { createLog, type Log, type LogLevel } from '../../core/log.ts'

const methods = { debug: 'debug', info: 'log', warning: 'warn', error: 'error' } as const

/** The log: one JSON object a line, on the console, where the platform collects it by level. */
export const createConsoleLog = (level: LogLevel): Log =>
  createLog(level, (line, at) => console[methods[at]](line), systemClock)
