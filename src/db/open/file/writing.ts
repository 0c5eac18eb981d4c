// The writing half of a database file: one commit for all that arrives together, and migrations.
import type { Database, Outcome, VersionOptions } from '../../database.ts'
import { createLedger, findNewer, pending, Superseded } from '../../migrate.ts'
import type { Write } from '../../statement.ts'
import type { Connection } from './connection.ts'
import { ClosedDatabase, kept, LONG_LOG, ledgerOf } from './reading.ts'

/** Commits after which the log is brought into the file: 1,000 to 3,000 pages of 4 KiB under load. */
const COMMITS_BETWEEN_CHECKPOINTS = 64
/** Rows that count as one more commit. Thirty creates in one commit are less; a chunk of a large change is two or three. */
const ROWS_AS_A_COMMIT = 256
/**
 * Of a long log: each copies what was written during the one before it, so that the last copy, which holds up this thread, has little
 * to do. After one it took 6 ms under load, after three it takes 1.
 */
const PASSES = 3
/** Batches that may share one commit. */
const GROUP = 256
/** Milliseconds after which a group takes no more batches: each of them may change hundreds of rows, and all others wait meanwhile. */
const GROUP_MS = 10

type Batch = { writes: readonly Write[]; mustTouch: readonly number[]; resolve(outcome: Outcome): void; reject(reason: unknown): void }
type Ran = { outcome: Outcome } | { failure: unknown }

/** Pages in the write-ahead log, and how many of them are in the file as well. */
export type Checkpoint = { readonly frames: number; readonly copied: number }
/**
 * Brings the write-ahead log into the file (SQLite's passive checkpoint) without holding up this thread: it waits for the disk,
 * thirty milliseconds for 16 MiB.
 */
export type Checkpoints = { run(): Promise<Checkpoint>; end(): Promise<void> }

type Writing = Pick<Database, 'atomic' | 'migrate'> & {
  /** Runs what was asked for before; to be called when nothing more can be asked. */
  finish(): Promise<void>
}

const rowsOf = (ran: readonly Ran[]): number => {
  let rows = 0
  for (const result of ran) if ('outcome' in result && result.outcome !== 'stale') for (const touched of result.outcome) rows += touched
  return rows
}

type Options = VersionOptions & { readonly checkpoints?: Checkpoints | undefined }

/** Without `checkpoints` SQLite makes them in the commits that come along. */
export const createWriting = (connection: Connection, isClosed: () => boolean, options: Options = {}): Writing => {
  const { checkpoints, lastMigration } = options
  // Not by commits of this connection, unless the other way fails.
  if (checkpoints) connection.exec(`pragma wal_autocheckpoint = ${4 * LONG_LOG}`)
  const writer = kept((text) => connection.prepare(text))
  const control = (text: string) => () => void writer({ text }).run([])
  const [begin, commit, rollback] = [control('begin immediate'), control('commit'), control('rollback')]
  const [save, release, undo] = [control('savepoint batch'), control('release batch'), control('rollback to batch')]

  const newer = lastMigration === undefined ? undefined : { text: findNewer(lastMigration) }
  const looker = kept((text) => connection.prepare(text).raw(true))
  /** To be called in a transaction that has the write lock: no other process can migrate before it is over. */
  const expectCurrent = () => {
    if (newer && looker(newer).get([]) !== undefined) throw new Superseded()
  }

  const run = ({ writes, mustTouch }: Batch): Outcome => {
    const touched: number[] = []
    for (const { statement, values } of writes) {
      const { changes } = writer(statement).run(statement.bind(values as never))
      if (changes === 0 && mustTouch.includes(touched.length)) return 'stale'
      touched.push(changes)
    }
    return touched
  }

  /** The first batches of a group, for as long as there is time, and one at least. */
  const inTime = function* (group: readonly Batch[]): Generator<Batch> {
    const began = performance.now()
    for (const batch of group) {
      yield batch
      if (performance.now() - began > GROUP_MS) return
    }
  }

  /** The first batches of a group, or nothing and undefined where one of them failed or is stale. */
  const runTogether = (group: readonly Batch[]): Ran[] | undefined => {
    begin()
    try {
      expectCurrent()
      const outcomes: Outcome[] = []
      for (const batch of inTime(group)) {
        outcomes.push(run(batch))
        if (outcomes.at(-1) === 'stale') break
      }
      if (outcomes.at(-1) !== 'stale') {
        commit()
        return outcomes.map((outcome) => ({ outcome }))
      }
    } catch {} // which one failed, and why, is found out batch by batch
    if (connection.inTransaction) rollback()
    return undefined
  }

  const runInSavepoint = (batch: Batch): Ran => {
    save()
    try {
      const outcome = run(batch)
      if (outcome === 'stale') undo()
      release()
      return { outcome }
    } catch (failure) {
      // A full disk rolls everything back by itself: then these throw too, and no batch of the group has happened.
      undo()
      release()
      return { failure }
    }
  }
  const runApart = (group: readonly Batch[]): Ran[] => {
    begin()
    expectCurrent()
    const ran = Array.from(inTime(group), runInSavepoint)
    commit()
    return ran
  }

  // Group commit: batches that arrive in one turn of the event loop share a transaction. Where one of them fails, they are
  // run again, each in a savepoint of its own, so that it undoes only itself. Nobody is answered before the commit.
  const waiting: Batch[] = []
  const flush = () => {
    const group = waiting.splice(0, GROUP)
    if (group.length === 0) return // closing was faster, and no thread is to be started behind it
    checkpointInTime()
    try {
      const ran = runTogether(group) ?? runApart(group)
      commits += 1 + Math.floor(rowsOf(ran) / ROWS_AS_A_COMMIT)
      waiting.unshift(...group.splice(ran.length))
      group.forEach((batch, i) => {
        const result = ran[i] as Ran
        if ('failure' in result) batch.reject(result.failure)
        else batch.resolve(result.outcome)
      })
    } catch (failure) {
      if (connection.inTransaction) rollback()
      for (const batch of group) batch.reject(failure)
    }
    if (waiting.length > 0) setImmediate(flush)
  }

  let commits = 0
  let checkpointing: Promise<void> | undefined
  const checkpointInTime = () => {
    if (checkpoints === undefined || commits < COMMITS_BETWEEN_CHECKPOINTS || checkpointing) return
    commits = 0
    checkpointing = bringIn(checkpoints)
      .catch(() => {}) // the next one may succeed
      .finally(() => {
        checkpointing = undefined
      })
  }
  const bringIn = async ({ run }: Checkpoints): Promise<void> => {
    for (let pass = 0; pass < PASSES; pass++) {
      const { frames, copied } = await run()
      if (frames < LONG_LOG || copied === 0) return
    }
    // Under steady load there is always a little more in the log by then, and only an empty one begins anew.
    if (!isClosed()) connection.exec('pragma wal_checkpoint(passive)')
  }

  return {
    atomic: (writes, { mustTouch = [] } = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed()) throw new ClosedDatabase()
        if (waiting.push({ writes, mustTouch, resolve, reject }) === 1) setImmediate(flush)
      }),
    migrate: async (migrations) => {
      if (isClosed()) throw new ClosedDatabase()
      begin() // takes the write lock: other processes that boot now wait here
      try {
        connection.exec(createLedger('text'))
        const missing = pending(migrations, ledgerOf(connection))
        for (const { tag, statements } of missing) {
          for (const statement of statements) connection.exec(statement)
          connection.prepare("insert into migrations (tag, state) values (?, 'done')").run([tag])
        }
        commit()
        return missing.map((m) => m.tag)
      } catch (failure) {
        if (connection.inTransaction) rollback()
        throw failure
      }
    },
    finish: async () => {
      while (waiting.length > 0) flush()
      await checkpointing
      await checkpoints?.end()
    },
  }
}
