// Writes to a database file: a queue of batches that are committed in groups, and migrations.
import type { Database, Outcome, VersionOptions } from '../../database.ts'
import type { Histogram } from '../../histogram.ts'
import { isStorageFull } from '../../portable.ts'
import { type Storage, StorageFull } from '../../storage.ts'
import type { Checkpointing } from './checkpointing.ts'
import type { Connection } from './connection.ts'
import { ClosedDatabase } from './connection.ts'
import { commitGroup, type Result, rowsTouched } from './group-commit.ts'
import { applyMissing } from './migrating.ts'
import { type Batch, createTransactions, type Transactions } from './transactions.ts'

/** Batches that may share one commit. */
const GROUP = 256

type Writing = Pick<Database, 'atomic' | 'migrate'> & {
  /** Runs the batches that wait. To be called when no more can arrive. */
  finish(): Promise<void>
}

type Options = VersionOptions & {
  readonly checkpointing: Checkpointing
  readonly storage: Storage | undefined
  /** Counts how long batches wait. */
  readonly waits: Histogram
}

type Queue = Pick<Options, 'checkpointing' | 'storage' | 'waits'> & {
  readonly transactions: Transactions
  readonly waiting: Batch[]
}

export const createWriting = (
  connection: Connection,
  isClosed: () => boolean,
  { checkpointing, storage, waits, lastMigration }: Options,
): Writing => {
  const transactions = createTransactions(connection, lastMigration)
  const waiting: Batch[] = []
  /** Wide batches that let the others go first. */
  const later: Batch[] = []
  const queue: Queue = { transactions, waiting, checkpointing, storage, waits }
  const add = (batch: Batch) => {
    if (waiting.push(batch) === 1) setImmediate(flush)
  }
  const flush = () => {
    const { all, wide } = checkpointing.holds
    if (all) return void all.then(flush)
    if (wide) putOff(wide)
    flushNow()
  }
  const putOff = (until: Promise<unknown>) => {
    const isFirst = later.length === 0
    later.push(...extract(waiting, isWide))
    if (isFirst && later.length > 0)
      void until.then(() => {
        for (const batch of later.splice(0)) add(batch)
      })
  }
  const flushNow = () => {
    const group = admitted(storage, waiting.splice(0, GROUP))
    // Without a batch no checkpoint may start: the database may be closed by now.
    if (group.length > 0) runGroup(queue, group)
    if (waiting.length > 0) setImmediate(flush)
  }
  return {
    atomic: (writes, { mustTouch = [], grows = false, wide = false } = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed()) throw new ClosedDatabase()
        add({ writes, mustTouch, grows, wide, at: performance.now(), resolve, reject })
      }),
    migrate: async (migrations) => {
      if (isClosed()) throw new ClosedDatabase()
      return applyMissing(connection, transactions, migrations)
    },
    finish: async () => {
      waiting.push(...later.splice(0))
      while (waiting.length > 0) flushNow()
      await checkpointing.finish()
    },
  }
}

/** Statements above which a batch is wide, whoever sends it. */
const MANY = 100
const isWide = ({ wide, writes }: Batch): boolean => wide || writes.length > MANY

/** Takes those out of the list, and returns them in their order. */
const extract = <T>(list: T[], isMeant: (one: T) => boolean): T[] => {
  const all = list.splice(0)
  list.push(...all.filter((one) => !isMeant(one)))
  return all.filter(isMeant)
}

/** Rejects the batches that would grow a full database. Returns the others. */
const admitted = (storage: Storage | undefined, group: Batch[]): Batch[] => {
  if (storage === undefined || storage.mayGrow()) return group
  for (const { grows, reject } of group) if (grows) reject(new StorageFull())
  return group.filter(({ grows }) => !grows)
}

/** Commits a group. Batches for which there was no time go back to the front of the queue. */
const runGroup = (queue: Queue, group: Batch[]): void => {
  const { transactions, waiting, checkpointing, storage, waits } = queue
  const began = performance.now()
  checkpointing.inTime()
  try {
    const results = commitGroup(transactions, group)
    checkpointing.committed(rowsTouched(results))
    waiting.unshift(...group.splice(results.length))
    group.forEach((batch, i) => {
      waits.observe(began - batch.at)
      settle(storage, batch, results[i] as Result)
    })
    if (storage?.isShort()) checkpointing.empty()
  } catch (failure) {
    transactions.rollback()
    if (isStorageFull(failure) && group.length > 0) runOneByOne(queue, group)
    else for (const { reject } of group) reject(failure)
  }
}

const settle = (storage: Storage | undefined, batch: Batch, result: Result): void => {
  if ('failure' in result) batch.reject(result.failure)
  else succeed(storage, batch, result.outcome)
}

const succeed = (storage: Storage | undefined, { grows, resolve }: Batch, outcome: Outcome) => {
  if (grows && outcome !== 'stale') storage?.grew()
  resolve(outcome)
}

/**
 * When the disk had no room for a group, each batch runs alone and with an empty write-ahead log:
 * batches that need little may still succeed.
 */
const runOneByOne = (queue: Queue, group: readonly Batch[]): void => {
  const { transactions, checkpointing, storage } = queue
  for (const batch of group) {
    checkpointing.empty()
    try {
      if (batch.grows && storage?.mayGrow() === false) throw new StorageFull()
      succeed(storage, batch, runAlone(transactions, batch))
    } catch (failure) {
      transactions.rollback()
      if (isStorageFull(failure)) storage?.refused()
      batch.reject(failure)
    }
  }
  checkpointing.committed(group.length)
}

const runAlone = (transactions: Transactions, batch: Batch): Outcome => {
  transactions.begin()
  transactions.expectCurrent()
  const outcome = transactions.run(batch)
  if (outcome === 'stale') transactions.rollback()
  else transactions.commit()
  return outcome
}
