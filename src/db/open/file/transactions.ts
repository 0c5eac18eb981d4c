import type { Outcome } from '../../database.ts'
import { findNewer, Superseded } from '../../migrate.ts'
import type { Write } from '../../statement.ts'
import type { Connection } from './connection.ts'
import { cachedByText } from './statement-cache.ts'

export type Batch = {
  readonly writes: readonly Write[]
  readonly mustTouch: readonly number[]
  readonly grows: boolean
  /** Lets the others go first while the log is long. */
  readonly wide: boolean
  /** When it was asked for, by the clock of `performance.now()`. */
  readonly at: number
  resolve(outcome: Outcome): void
  reject(reason: unknown): void
}

/** The transactions of the connection that writes, and the batches in them. */
export type Transactions = {
  /** Takes the write lock. */
  begin(): void
  commit(): void
  /** Undoes the transaction, if one is open. A full disk may have undone it already. */
  rollback(): void
  /** A savepoint for one batch. */
  readonly savepoint: { begin(): void; release(): void; undo(): void }
  /**
   * Throws Superseded if a newer version has migrated the database. It has to be called with the
   * write lock: until the transaction is over, no other process can migrate.
   */
  expectCurrent(): void
  /** Runs the writes of a batch. After `stale` the caller has to undo them. */
  run(batch: Pick<Batch, 'writes' | 'mustTouch'>): Outcome
}

export const createTransactions = (
  connection: Connection,
  lastMigration: string | undefined,
): Transactions => {
  const writer = cachedByText((text) => connection.prepare(text))
  const command = (text: string) => () => void writer({ text }).run([])
  const rollback = command('rollback')
  const newer = lastMigration === undefined ? undefined : { text: findNewer(lastMigration) }
  const reader = cachedByText((text) => connection.prepare(text).raw(true))
  return {
    begin: command('begin immediate'),
    commit: command('commit'),
    rollback: () => {
      if (connection.inTransaction) rollback()
    },
    savepoint: {
      begin: command('savepoint batch'),
      release: command('release batch'),
      undo: command('rollback to batch'),
    },
    expectCurrent: () => {
      if (newer && reader(newer).get([]) !== undefined) throw new Superseded()
    },
    run: ({ writes, mustTouch }) => {
      const touched: number[] = []
      for (const { statement, values } of writes) {
        const { changes } = writer(statement).run(statement.bind(values as never))
        if (changes === 0 && mustTouch.includes(touched.length)) return 'stale'
        touched.push(changes)
      }
      return touched
    },
  }
}
