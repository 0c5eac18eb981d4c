import type { Log } from './log.ts'

const told = new WeakSet<Log>()

/** Logs, once for each process, that a newer version has migrated the database. */
export const noteSuperseded = (log: Log): void => {
  if (told.has(log)) return
  told.add(log)
  log.error('a newer version has migrated the database: this process no longer writes')
}
