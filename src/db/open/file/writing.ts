// The writing half of a database file: one commit for all that arrives together, and migrations.
import type { Database, Outcome, VersionOptions } from '../../database.ts'
import { createLedger, findNewer, pending, Superseded } from '../../migrate.ts'
import { isStorageFull } from '../../portable.ts'
import type { Write } from '../../statement.ts'
import { type Storage, StorageFull } from '../../storage.ts'
import type { Checkpointing } from './checkpointing.ts'
import type { Connection } from './connection.ts'
import { ClosedDatabase, kept, ledgerOf } from './reading.ts'

/** Batches that may share one commit. */
const GROUP = 256
/**
 * Milliseconds after which a group takes no more batches: each of them may change hundreds of rows,
 * and all others wait meanwhile.
 */
const GROUP_MS = 10

type Batch = {
  readonly writes: readonly Write[]
  readonly mustTouch: readonly number[]
  readonly grows: boolean
  resolve(outcome: Outcome): void
  reject(reason: unknown): void
}
type Ran = { outcome: Outcome } | { failure: unknown }

type Writing = Pick<Database, 'atomic' | 'migrate'> & {
  /** Runs what was asked for before; to be called when nothing more can be asked. */
  finish(): Promise<void>
}

const rowsOf = (ran: readonly Ran[]): number => {
  let rows = 0
  for (const result of ran)
    if ('outcome' in result && result.outcome !== 'stale')
      for (const touched of result.outcome) rows += touched
  return rows
}

type Beside = VersionOptions & {
  readonly checkpointing: Checkpointing
  readonly storage: Storage | undefined
}

export const createWriting = (
  connection: Connection,
  isClosed: () => boolean,
  beside: Beside,
): Writing => {
  const { checkpointing, storage, lastMigration } = beside
  const writer = kept((text) => connection.prepare(text))
  const control = (text: string) => () => void writer({ text }).run([])
  const [begin, commit, rollback] = [
    control('begin immediate'),
    control('commit'),
    control('rollback'),
  ]
  const [save, release, undo] = [
    control('savepoint batch'),
    control('release batch'),
    control('rollback to batch'),
  ]

  const newer = lastMigration === undefined ? undefined : { text: findNewer(lastMigration) }
  const looker = kept((text) => connection.prepare(text).raw(true))
  /**
   * To be called in a transaction that has the write lock: no other process can migrate before it
   * is over.
   */
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

  /**
   * The first batches of a group, or nothing and undefined where one of them failed or is stale.
   */
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
      // A full disk may roll everything back by itself.
      if (isStorageFull(failure)) throw failure
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

  // Group commit: batches that arrive in one turn of the event loop share a transaction. Where one
  // of them fails, they are run again, each in a savepoint of its own, so that it undoes only
  // itself. No request is answered before the commit.
  const waiting: Batch[] = []
  const flush = () => {
    const group = admitted(waiting.splice(0, GROUP))
    // closing may have been faster, and no thread is to be started behind it
    if (group.length > 0) runGroup(group)
    if (waiting.length > 0) setImmediate(flush)
  }
  /** Rejects what would grow a full database; answers the others. */
  const admitted = (group: Batch[]): Batch[] => {
    if (storage === undefined || storage.mayGrow()) return group
    for (const { grows, reject } of group) if (grows) reject(new StorageFull())
    return group.filter(({ grows }) => !grows)
  }
  const runGroup = (group: Batch[]): void => {
    checkpointing.inTime()
    try {
      const ran = runTogether(group) ?? runApart(group)
      checkpointing.committed(rowsOf(ran))
      waiting.unshift(...group.splice(ran.length))
      group.forEach((batch, i) => {
        const result = ran[i] as Ran
        if ('failure' in result) batch.reject(result.failure)
        else succeed(batch, result.outcome)
      })
      if (storage?.isShort()) checkpointing.empty()
    } catch (failure) {
      if (connection.inTransaction) rollback()
      if (isStorageFull(failure) && group.length > 0) runAlone(group)
      else for (const { reject } of group) reject(failure)
    }
  }
  const succeed = ({ grows, resolve }: Batch, outcome: Outcome): void => {
    if (grows && outcome !== 'stale') storage?.grew()
    resolve(outcome)
  }
  /**
   * Where there was no room for a group: each batch by itself and with an empty log, so that what
   * needs little still happens.
   */
  const runAlone = (group: readonly Batch[]): void => {
    for (const batch of group) {
      checkpointing.empty()
      try {
        if (batch.grows && storage?.mayGrow() === false) throw new StorageFull()
        begin()
        expectCurrent()
        const outcome = run(batch)
        if (outcome === 'stale') rollback()
        else commit()
        succeed(batch, outcome)
      } catch (failure) {
        if (connection.inTransaction) rollback()
        if (isStorageFull(failure)) storage?.refused()
        batch.reject(failure)
      }
    }
    checkpointing.committed(group.length)
  }

  return {
    atomic: (writes, { mustTouch = [], grows = false } = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed()) throw new ClosedDatabase()
        if (waiting.push({ writes, mustTouch, grows, resolve, reject }) === 1) setImmediate(flush)
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
      await checkpointing.finish()
    },
  }
}
