// When the write-ahead log of a database file is brought into the file, and when it is emptied.
import { type Connection, LONG_LOG } from './connection.ts'
import { createEraser } from './erasing.ts'
import { createLog, type HoldWrites } from './write-ahead-log.ts'

/** Commits after which the log is brought in. Under load that is 1,000 to 3,000 pages of 4 KiB. */
const COMMITS_BETWEEN_CHECKPOINTS = 64
/**
 * Rows that count as one more commit. Thirty creates in one commit have fewer. A chunk of a bulk
 * operation has two or three times as many.
 */
const ROWS_AS_A_COMMIT = 256

/**
 * After an attempt that could not bring in all of the log, because another connection reads from
 * it, so many commits come before the next one.
 */
const COMMITS_UNTIL_RETRY = 8

/**
 * Pages in the write-ahead log, and how many of them are in the file as well. -1 for both: another
 * process brings it in.
 */
export type Checkpoint = { readonly frames: number; readonly copied: number }

/** Numbers of pages on which something is left, and the first page of the next part, if any. */
export type Remains = { readonly pages: readonly number[]; readonly next: number | undefined }

/**
 * A thread that waits for the disk instead of the writer: thirty milliseconds for 16 MiB, in which
 * no request would be answered. Each call rejects where the attempt failed.
 */
export type Checkpoints = {
  /**
   * A pass: brings the write-ahead log into the file (SQLite's passive checkpoint). If the log is
   * long, and this is not the last pass, it waits for the disk as well.
   */
  run(isLast?: boolean): Promise<Checkpoint>
  /** Brings the log in and cuts it off, unless another connection uses it. Returns whether it did. */
  empty(): Promise<boolean>
  /** Looks through a part of the file for what is left of deleted texts, from page `from` on. */
  remains(from: number): Promise<Remains>
  end(): Promise<void>
}

type Holds = { all?: Promise<unknown> | undefined; wide?: Promise<unknown> | undefined }

export type Checkpointing = {
  /** A commit has touched so many rows. */
  committed(rows: number): void
  /** To be called before a commit: begins to bring the log in, if it is time. */
  inTime(): void
  /** Where batches have to wait for the log, what they wait for: all of them, or the wide ones. */
  readonly holds: Readonly<Holds>
  /**
   * Brings the log in and empties it, at once. Returns whether it did. It cannot while another
   * connection reads from the log.
   */
  empty(): boolean
  /**
   * If anything was written, overwrites what is left of deleted texts in the file, and empties the
   * log.
   */
  erase(): Promise<void>
  /** Waits for what runs, and ends the thread. */
  finish(): Promise<void>
}

/** Without `checkpoints` SQLite brings the log in during commits. */
export const createCheckpointing = (
  connection: Connection,
  isClosed: () => boolean,
  checkpoints?: Checkpoints,
): Checkpointing => {
  /** A commit that brings the log in waits for the disk. So commits do it only if the thread fails. */
  const bringInAtCommits = (isWanted: boolean) => {
    if (!isClosed()) connection.exec(`pragma wal_autocheckpoint = ${isWanted ? LONG_LOG : 0}`)
  }
  if (checkpoints) bringInAtCommits(false)
  const log = createLog(connection, isClosed)
  const eraseAll = createEraser(connection, isClosed)
  let commits = 0
  let running: Promise<unknown> | undefined
  let isDirty = true
  const holds: Holds = {}

  const holding =
    (which: keyof Holds): HoldWrites[keyof HoldWrites] =>
    async (work) => {
      const held = work()
      holds[which] = held.catch(() => {})
      try {
        return await held
      } finally {
        holds[which] = undefined
      }
    }
  const holdWrites: HoldWrites = { wide: holding('wide'), all: holding('all') }
  /** One at a time. A failure does no harm: the next run may succeed. */
  const run = (work: () => Promise<unknown>): Promise<unknown> => {
    running = work()
      .catch(() => {})
      .finally(() => {
        running = undefined
      })
    return running
  }
  const bringIn = async (thread: Checkpoints): Promise<'done' | 'partly' | 'failed'> => {
    commits = 0
    const outcome = await log.bringIn(thread, holdWrites).catch(() => 'failed' as const)
    bringInAtCommits(outcome === 'failed')
    if (outcome === 'partly') commits = COMMITS_BETWEEN_CHECKPOINTS - COMMITS_UNTIL_RETRY
    return outcome
  }
  const isTime = (): boolean => commits >= COMMITS_BETWEEN_CHECKPOINTS
  const empty = (): boolean => {
    const isEmpty = log.empty()
    if (isEmpty) commits = 0
    return isEmpty
  }
  /** A long log, brought in or cut off by this connection, would hold up all requests. */
  const emptyByThread = async (thread: Checkpoints): Promise<boolean> => {
    const outcome = await bringIn(thread)
    if (outcome === 'partly' || isClosed()) return false
    if (outcome === 'failed') return empty()
    const isEmpty = await holdWrites.all(() => thread.empty())
    if (isEmpty) commits = 0
    return isEmpty
  }
  const eraseByThread = (thread: Checkpoints): Promise<boolean> =>
    eraseAll({
      remains: thread.remains,
      empty: () => emptyByThread(thread),
      meanwhile: async () => {
        if (isTime()) await bringIn(thread)
      },
    })
  const eraseOnce = async (): Promise<void> => {
    isDirty = false
    let isDone = false
    try {
      isDone = checkpoints ? await eraseByThread(checkpoints) : empty()
    } finally {
      // Another connection may have read from the log, for example: try again in a minute.
      if (!isDone) isDirty = true
    }
  }

  return {
    committed: (rows) => {
      isDirty = true
      commits += 1 + Math.floor(rows / ROWS_AS_A_COMMIT)
    },
    inTime: () => {
      if (checkpoints === undefined || !isTime() || running) return
      void run(() => bringIn(checkpoints))
    },
    holds,
    empty,
    erase: async () => {
      while (running) await running
      if (isDirty && !isClosed()) await run(eraseOnce)
    },
    finish: async () => {
      await running
      await checkpoints?.end()
    },
  }
}
