import type { Checkpoints } from './checkpointing.ts'
import { type Connection, LONG_LOG } from './connection.ts'

/**
 * Passes over a long log. Each brings in what was written during the one before, so that the last
 * one, which runs on the writer's connection, has little to do: under load 1 ms after three passes,
 * 6 ms after one.
 */
const PASSES = 3
const BUSY_TIMEOUT = 'pragma busy_timeout = 5000'

export type WriteAheadLog = {
  /** Brings the log into the file, by the thread and at the end by this connection. */
  bringIn(checkpoints: Checkpoints): Promise<void>
  /**
   * Brings the log in and empties it, at once. Returns whether it did. It does not wait for a
   * connection that reads from the log.
   */
  empty(): boolean
}

export const createLog = (connection: Connection, isClosed: () => boolean): WriteAheadLog => {
  const truncate = connection.prepare('pragma wal_checkpoint(truncate)').raw(true)
  return {
    bringIn: async ({ run }) => {
      for (let pass = 0; pass < PASSES; pass++) {
        const { frames, copied } = await run()
        if (frames < LONG_LOG || copied === 0) return
      }
      // SQLite begins the log anew only when all of it is in the file. Under steady load the thread
      // never finds it so.
      if (!isClosed()) connection.exec('pragma wal_checkpoint(passive)')
    },
    empty: () => {
      try {
        connection.exec('pragma busy_timeout = 0')
        return truncate.all([])[0]?.[0] === 0
      } catch {
        return false // the disk has no room for the pages of the log
      } finally {
        connection.exec(BUSY_TIMEOUT)
      }
    },
  }
}
