import type { Checkpoint, Checkpoints } from './checkpointing.ts'
import { type Connection, LONG_LOG } from './connection.ts'

/**
 * Passes over a long log. Each brings in what was written during the one before, so that the last
 * one, during which nothing is written, has little to do.
 */
const PASSES = 3
/** Pages that the last pass may have to bring in: about ten milliseconds, besides the disk's. */
const FEW = 1_000
/** Pages of a log that the last pass brings in however much of it is left: writes wait longer. */
const TOO_LONG = 4 * LONG_LOG
const BUSY_TIMEOUT = 'pragma busy_timeout = 5000'

/** Lets no batch begin until the work is done. Reads go on. */
export type HoldWrites = <T>(work: () => Promise<T>) => Promise<T>

/** `partly`: the log is still long, because another connection reads from it. */
export type BroughtIn = 'done' | 'partly' | 'failed'

export type WriteAheadLog = {
  /**
   * Brings the log into the file by the thread. Where it is long, writes wait for the end of it
   * (`holdWrites`).
   */
  bringIn(checkpoints: Checkpoints, holdWrites: HoldWrites): Promise<BroughtIn>
  /**
   * Brings the log in and empties it, at once. Returns whether it did. It does not wait for a
   * connection that reads from the log.
   */
  empty(): boolean
}

export const createLog = (connection: Connection, isClosed: () => boolean): WriteAheadLog => {
  const truncate = connection.prepare('pragma wal_checkpoint(truncate)').raw(true)
  return {
    bringIn: async ({ run }, holdWrites) => {
      let last: Checkpoint = { frames: 0, copied: 0 }
      for (let pass = 0; pass < PASSES; pass++) {
        last = await run()
        if (last.frames < 0) return 'failed'
        if (last.frames < LONG_LOG) return 'done'
        if (last.copied === 0) return 'partly'
      }
      if (isClosed()) return 'done'
      const isLittle = last.frames - last.copied <= FEW
      if (!isLittle && last.frames < TOO_LONG) return 'partly'
      // SQLite begins the log anew only when all of it is in the file. Under steady load the thread
      // never finds it so.
      const { frames, copied } = await holdWrites(run)
      return copied === frames ? 'done' : 'partly'
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
