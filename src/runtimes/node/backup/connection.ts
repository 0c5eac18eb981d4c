// A connection to a database file on which long statements can be interrupted. They run in a thread
// of the driver.
import { readdirSync, readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import Libsql from 'libsql/promise'

/** The part of the package's API that is used. It has no types. */
type Driver = {
  prepare(sql: string): Promise<{ raw(on: boolean): { all(): Promise<unknown[][]> } }>
  exec(sql: string): Promise<void>
  interrupt(): void
  close(): void
}
export type Connection = {
  exec(sql: string): Promise<void>
  /** The first cell of each row. */
  cells(sql: string): Promise<unknown[]>
}

/**
 * Opens a connection for `run`. When the signal aborts, the running statement is interrupted and
 * rejects.
 */
export const using = async <T>(
  path: string,
  signal: AbortSignal,
  run: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const driver: Driver = new Libsql(path, { timeout: 5_000 })
  lowerDriverThreads()
  const interrupt = () => driver.interrupt()
  signal.addEventListener('abort', interrupt)
  const unlessAborted = <U>(statement: () => Promise<U>): Promise<U> => {
    signal.throwIfAborted()
    return statement()
  }
  const exec = (sql: string) => unlessAborted(() => driver.exec(sql))
  const cells = (sql: string) =>
    unlessAborted(async () =>
      (await (await driver.prepare(sql)).raw(true).all()).map(([cell]) => cell),
    )
  try {
    // Indexes are sorted on the disk, not in memory.
    await exec('pragma cache_size = -1000')
    await exec('pragma temp_store = file')
    return await run({ exec, cells })
  } finally {
    signal.removeEventListener('abort', interrupt)
    driver.close()
  }
}

/**
 * Lets requests go first. On Linux each thread has its own priority, and only this connection uses
 * the threads of the driver.
 */
const lowerDriverThreads = (): void => {
  try {
    const threads = readdirSync('/proc/self/task').filter((id) =>
      readFileSync(`/proc/self/task/${id}/comm`, 'utf8').startsWith('tokio'),
    )
    for (const id of threads) setPriority(Number(id), constants.priority.PRIORITY_LOW)
  } catch {} // on other platforms it has the usual one
}
