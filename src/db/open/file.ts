// A libSQL file through the `libsql` package: one connection, compiled statements kept, one commit for all that arrives together.
import Libsql from 'libsql'
import { LRUCache } from 'lru-cache'
import type { Database, Outcome } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createLedger, pending, readLedger } from '../migrate.ts'
import type { Query, Statement, Values, Write } from '../statement.ts'

/** The part of the package's API that this file relies on; its own types are better-sqlite3's. */
type Prepared = {
  raw(on: boolean): Prepared
  columns(): readonly unknown[]
  get(values: readonly unknown[]): unknown[] | undefined
  all(values: readonly unknown[]): unknown[][]
  run(values: readonly unknown[]): { changes: number }
}
type Connection = { prepare(sql: string): Prepared; exec(sql: string): void; readonly inTransaction: boolean; close(): void }

/** Pages in the log from which it has to begin anew: a long one makes reading slower, and is a file of its own size. */
const LONG_LOG = 4_000

const PRAGMAS = [
  'busy_timeout = 5000',
  'synchronous = normal',
  'foreign_keys = on',
  'cache_size = -16000',
  'temp_store = memory',
  `wal_autocheckpoint = ${LONG_LOG}`,
]
/** Distinct statements kept compiled; lists with unusual filters come and go at the end of it. */
const KEPT_STATEMENTS = 500
/** Commits after which the log is brought into the file: 1,000 to 3,000 pages of 4 KiB under load. */
const COMMITS_BETWEEN_CHECKPOINTS = 64
/** Batches that may share one commit. */
const GROUP = 256

/**
 * The same query, answering all its rows as one JSON text, an array of arrays: to hand over a text and to parse it takes half
 * the time of handing over a thousand cells. SQLite keeps the order of a subquery for an aggregate that depends on it.
 */
const asOneText = (query: string, columns: number): string => {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`).join(', ')
  return `with list (${names}) as (${query}) select json_group_array(json_array(${names})) from list`
}

/** Thrown instead of touching a closed connection, which would end the process. */
class ClosedDatabase extends Error {
  readonly code = 'SQLITE_MISUSE'
  constructor() {
    super('the database is closed')
  }
}

type Batch = { writes: readonly Write[]; mustTouch: readonly number[]; resolve(outcome: Outcome): void; reject(reason: unknown): void }
type Ran = { outcome: Outcome } | { failure: unknown }

const ATTEMPTS = 20
/**
 * Of several processes that open a new file at once, SQLite tells all but one at once that it is locked, whatever their
 * `busy_timeout` says; for a transaction it does wait.
 */
const writeAhead = (connection: Connection): void => {
  for (let attempt = 1; ; attempt++)
    try {
      connection.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || attempt === ATTEMPTS) throw error
      connection.exec('begin immediate')
      connection.exec('rollback')
    }
}

/** Pages in the write-ahead log, and how many of them are in the file as well. */
export type Checkpoint = { readonly frames: number; readonly copied: number }
/**
 * Brings the write-ahead log into the file (SQLite's passive checkpoint) without holding up this thread: it waits for the disk,
 * thirty milliseconds for 16 MiB.
 */
export type Checkpoints = { run(): Promise<Checkpoint>; end(): Promise<void> }

/**
 * Opens (and where it does not exist, creates) the database file at `path`. Without `checkpoints` SQLite makes them in the
 * commits that come along. Throws what libSQL throws.
 */
export const openFile = (path: string, checkpoints?: Checkpoints): Database => {
  const connection = new Libsql(path, { timeout: 5_000 } as never) as unknown as Connection
  for (const pragma of PRAGMAS) connection.exec(`pragma ${pragma}`)
  writeAhead(connection)
  // Not by commits of this connection, unless the other way fails.
  if (checkpoints) connection.exec(`pragma wal_autocheckpoint = ${4 * LONG_LOG}`)

  const kept = <T extends object>(make: (text: string) => T) => {
    const cache = new LRUCache<string, T>({ max: KEPT_STATEMENTS })
    return ({ text }: Pick<Statement, 'text'>): T => {
      let found = cache.get(text)
      if (found === undefined) {
        found = make(text)
        cache.set(text, found)
      }
      return found
    }
  }
  const reader = kept((text) => connection.prepare(text).raw(true))
  const lister = kept((text) => {
    const plain = connection.prepare(text).raw(true)
    if (!/^(select|with)\b/i.test(text)) return (values: readonly unknown[]) => plain.all(values)
    const whole = connection.prepare(asOneText(text, plain.columns().length)).raw(true)
    return (values: readonly unknown[]) => JSON.parse((whole.get(values) as [string])[0]) as unknown[][]
  })
  const writer = kept((text) => connection.prepare(text))
  const control = (text: string) => () => void writer({ text }).run([])
  const [begin, commit, rollback] = [control('begin immediate'), control('commit'), control('rollback')]
  const [save, release, undo] = [control('savepoint batch'), control('release batch'), control('rollback to batch')]

  const run = ({ writes, mustTouch }: Batch): Outcome => {
    const touched: number[] = []
    for (const { statement, values } of writes) {
      const { changes } = writer(statement).run(statement.bind(values as never))
      if (changes === 0 && mustTouch.includes(touched.length)) return 'stale'
      touched.push(changes)
    }
    return touched
  }

  /** All batches of a group, or nothing and undefined where one of them failed or is stale. */
  const runTogether = (group: readonly Batch[]): Ran[] | undefined => {
    begin()
    try {
      const outcomes: Outcome[] = []
      for (const batch of group) {
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
    const ran = group.map(runInSavepoint)
    commit()
    return ran
  }

  // Group commit: batches that arrive in one turn of the event loop share a transaction. Where one of them fails, they are
  // run again, each in a savepoint of its own, so that it undoes only itself. Nobody is answered before the commit.
  const waiting: Batch[] = []
  let closed = false
  const flush = () => {
    checkpointInTime()
    const group = waiting.splice(0, GROUP)
    if (group.length === 0) return // closing was faster
    if (waiting.length > 0) setImmediate(flush)
    try {
      const ran = runTogether(group) ?? runApart(group)
      group.forEach((batch, i) => {
        const result = ran[i] as Ran
        if ('failure' in result) batch.reject(result.failure)
        else batch.resolve(result.outcome)
      })
    } catch (failure) {
      if (connection.inTransaction) rollback()
      for (const batch of group) batch.reject(failure)
    }
  }

  let commits = 0
  let checkpointing: Promise<void> | undefined
  const checkpointInTime = () => {
    if (checkpoints === undefined || ++commits < COMMITS_BETWEEN_CHECKPOINTS || checkpointing) return
    commits = 0
    checkpointing = checkpoints
      .run()
      .then(({ frames, copied }) => {
        // Under steady load there is always a little more in the log by then, and only an empty one begins anew.
        if (frames >= LONG_LOG && copied > 0 && !closed) connection.exec('pragma wal_checkpoint(passive)')
      })
      .catch(() => {}) // the next one may succeed
      .finally(() => {
        checkpointing = undefined
      })
  }

  // Reads are answered at the end of the turn too: what arrived together leaves together, in one write to each socket.
  let endOfTurn: Promise<void> | undefined
  const turn = () => {
    endOfTurn ??= new Promise((resolve) =>
      setImmediate(() => {
        endOfTurn = undefined
        resolve()
      }),
    )
    return endOfTurn
  }

  const ledger = () => (connection.prepare(readLedger).raw(true).all([]) as [string, string][]).map(([tag, state]) => ({ tag, state }))

  return {
    dialect: sqlite,
    one: async <T>(query: Query<T>, values: Values = {}) => {
      await turn()
      if (closed) throw new ClosedDatabase()
      const cells = reader(query).get(query.bind(values))
      return cells && query.row(cells)
    },
    all: async <T>(query: Query<T>, values: Values = {}) => {
      await turn()
      if (closed) throw new ClosedDatabase()
      return lister(query)(query.bind(values)).map((cells) => query.row(cells))
    },
    atomic: (writes, { mustTouch = [] } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) throw new ClosedDatabase()
        if (waiting.push({ writes, mustTouch, resolve, reject }) === 1) setImmediate(flush)
      }),
    migrate: async (migrations) => {
      if (closed) throw new ClosedDatabase()
      begin() // takes the write lock: other processes that boot now wait here
      try {
        connection.exec(createLedger('text'))
        const missing = pending(migrations, ledger())
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
    migrated: async () => {
      if (closed) throw new ClosedDatabase()
      const exists = connection.prepare("select 1 from sqlite_master where type = 'table' and name = 'migrations'").raw(true).get([])
      return exists ? ledger().map(({ tag }) => tag) : []
    },
    close: async () => {
      closed = true
      while (waiting.length > 0) flush() // what was asked for before is still done
      await checkpointing
      await checkpoints?.end()
      connection.exec('pragma wal_checkpoint(truncate)') // leaves one file, with everything in it
      connection.close()
    },
  }
}
