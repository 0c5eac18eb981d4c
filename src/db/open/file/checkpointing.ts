// When the write-ahead log of a database file is brought into the file, and when it is emptied.
import type { Connection } from './connection.ts'
import { LONG_LOG } from './reading.ts'
import { createOverwriting, hasTellablePages } from './remains.ts'

/**
 * Commits after which the log is brought into the file: 1,000 to 3,000 pages of 4 KiB under load.
 */
const COMMITS_BETWEEN_CHECKPOINTS = 64
/**
 * Rows that count as one more commit. Thirty creates in one commit are less; a chunk of a large
 * change is two or three.
 */
const ROWS_AS_A_COMMIT = 256
/**
 * Of a long log: each copies what was written during the one before it, so that the last copy,
 * which holds up this thread, has little to do. After one it took 6 ms under load, after three it
 * takes 1.
 */
const PASSES = 3
/** The thread rests so many times as long as it took to look through the file. */
const REST = 50
const BUSY_TIMEOUT = 'pragma busy_timeout = 5000'

/** Pages in the write-ahead log, and how many of them are in the file as well. */
export type Checkpoint = { readonly frames: number; readonly copied: number }
/**
 * What a thread does for the writer, so that its waiting for the disk (thirty milliseconds for 16
 * MiB) holds up no request.
 */
export type Checkpoints = {
  /** Brings the write-ahead log into the file (SQLite's passive checkpoint). */
  run(): Promise<Checkpoint>
  /**
   * Looks through the file; answers the numbers of the pages on which something is left of deleted
   * texts.
   */
  remains(): Promise<readonly number[]>
  end(): Promise<void>
}

export type Checkpointing = {
  /** A commit has touched so many rows. */
  committed(rows: number): void
  /** To be called before a commit: brings the log in where it is time. */
  inTime(): void
  /**
   * Brings the log in and empties it, at once; answers whether it did. It does nothing while
   * another connection reads from it.
   */
  empty(): boolean
  /**
   * Overwrites what is left of deleted texts in the file, and empties the log, where anything was
   * written.
   */
  erase(): Promise<void>
  /** Waits for what runs, and ends the thread. */
  finish(): Promise<void>
}

/** Without `checkpoints` SQLite makes them in the commits that come along. */
export const createCheckpointing = (
  connection: Connection,
  isClosed: () => boolean,
  checkpoints?: Checkpoints,
): Checkpointing => {
  // Not by commits of this connection, unless the other way fails.
  if (checkpoints) connection.exec(`pragma wal_autocheckpoint = ${4 * LONG_LOG}`)
  const overwrite = createOverwriting(connection)
  let commits = 0
  let running: Promise<void> | undefined
  let isDirty = true
  let nextLook = Number.NEGATIVE_INFINITY

  /** One at a time; a failure is no harm, because the next one may succeed. */
  const run = (work: () => Promise<void>): Promise<void> => {
    running = work()
      .catch(() => {})
      .finally(() => {
        running = undefined
      })
    return running
  }
  const bringIn = async ({ run }: Checkpoints): Promise<void> => {
    for (let pass = 0; pass < PASSES; pass++) {
      const { frames, copied } = await run()
      if (frames < LONG_LOG || copied === 0) return
    }
    // Under steady load there is always a little more in the log by then, and only an empty one
    // begins anew.
    if (!isClosed()) connection.exec('pragma wal_checkpoint(passive)')
  }
  const truncate = connection.prepare('pragma wal_checkpoint(truncate)').raw(true)
  const empty = (): boolean => {
    try {
      connection.exec('pragma busy_timeout = 0')
      const isEmpty = truncate.all([])[0]?.[0] === 0
      if (isEmpty) commits = 0
      return isEmpty
    } catch {
      return false // the disk has no room for what is in it
    } finally {
      connection.exec(BUSY_TIMEOUT)
    }
  }
  /** Answers whether nothing is left, in the file and in the log, of what was deleted before. */
  const eraseAll = async ({ remains }: Checkpoints): Promise<boolean> => {
    // The thread looks at the file alone, so everything has to be there.
    if (!empty() || performance.now() < nextLook) return false
    if (!hasTellablePages(connection)) return true
    const began = performance.now()
    const pages = await remains()
    nextLook = performance.now() + REST * (performance.now() - began)
    await overwrite(pages, isClosed)
    return !isClosed() && empty()
  }

  return {
    committed: (rows) => {
      isDirty = true
      commits += 1 + Math.floor(rows / ROWS_AS_A_COMMIT)
    },
    inTime: () => {
      if (checkpoints === undefined || commits < COMMITS_BETWEEN_CHECKPOINTS || running) return
      commits = 0
      void run(() => bringIn(checkpoints))
    },
    empty,
    erase: async () => {
      while (running) await running
      if (!isDirty || isClosed()) return
      await run(async () => {
        isDirty = false
        let isDone = false
        try {
          if (checkpoints) await bringIn(checkpoints)
          isDone = checkpoints ? await eraseAll(checkpoints) : empty()
        } finally {
          // where another connection reads from the log, say: the next minute
          if (!isDone) isDirty = true
        }
      })
    },
    finish: async () => {
      await running
      await checkpoints?.end()
    },
  }
}
