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

/** Lets batches wait until the work is done. Reads go on. */
export type HoldWrites = {
  /** Those that change many rows: they would fill the log as fast as it is brought in. */
  wide<T>(work: () => Promise<T>): Promise<T>
  all<T>(work: () => Promise<T>): Promise<T>
}

/** `partly`: not all of it, because of another connection that reads from it or brings it in. */
type BroughtIn = 'done' | 'partly'

export type WriteAheadLog = {
  /**
   * Brings the log into the file by the thread. Where it is long, large writes wait behind the
   * first pass, and all writes for the last one. Rejects where the thread failed.
   */
  bringIn(checkpoints: Checkpoints, holdWrites: HoldWrites): Promise<BroughtIn>
  /** `emptierOf` by the connection that serves. */
  empty(): boolean
}

/** What a pass comes to, where no other has to follow. */
const endOf = ({ frames, copied }: Checkpoint): BroughtIn | undefined => {
  if (frames < 0) return 'partly'
  if (frames < LONG_LOG) return 'done'
  return copied === 0 ? 'partly' : undefined
}

/**
 * A function that brings the log in and cuts it off, at once, and returns whether it did. It waits
 * neither for a connection that reads from the log nor for one that writes.
 */
export const emptierOf = (connection: Connection): (() => boolean) => {
  const truncate = connection.prepare('pragma wal_checkpoint(truncate)').raw(true)
  return () => {
    try {
      connection.exec('pragma busy_timeout = 0')
      return truncate.all([])[0]?.[0] === 0
    } catch {
      return false // the disk has no room for the pages of the log
    } finally {
      connection.exec(BUSY_TIMEOUT)
    }
  }
}

export const createLog = (connection: Connection, isClosed: () => boolean): WriteAheadLog => ({
  bringIn: async ({ run }, hold) => {
    const first = await run()
    return (
      endOf(first) ??
      hold.wide(async () => {
        let last = first
        for (let pass = 1; pass < PASSES; pass++) {
          last = await run()
          const end = endOf(last)
          if (end) return end
        }
        if (isClosed()) return 'done'
        const isLittle = last.frames - last.copied <= FEW
        if (!isLittle && last.frames < TOO_LONG) return 'partly'
        // SQLite begins the log anew only when all of it is in the file. Under steady load the
        // thread never finds it so.
        const { frames, copied } = await hold.all(() => run(true))
        return frames >= 0 && copied === frames ? 'done' : 'partly'
      })
    )
  },
  empty: emptierOf(connection),
})
