// The reading half of a database file: a connection of its own, whose compiled statements are kept.
import { LRUCache } from 'lru-cache'
import type { Database, LongRead } from '../../database.ts'
import { readLedger } from '../../migrate.ts'
import type { Query, Statement, Values } from '../../statement.ts'
import { type Connection, openConnection } from './connection.ts'

/**
 * Pages in the log from which it has to begin anew: a long one makes reading slower, and is a file
 * of its own size.
 */
export const LONG_LOG = 4_000

const PRAGMAS = [
  'busy_timeout = 5000',
  'synchronous = normal',
  'foreign_keys = on',
  'secure_delete = on', // and what that leaves is overwritten now and then
  'cache_size = -16000',
  'temp_store = memory',
  `wal_autocheckpoint = ${LONG_LOG}`,
]

const ATTEMPTS = 20
/**
 * Of several processes that open a new file at once, SQLite tells all but one at once that it is
 * locked, despite their `busy_timeout` says; for a transaction it does wait.
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

/** Throws what libSQL throws. */
export const connect = (path: string): Connection => {
  const connection = openConnection(path)
  for (const pragma of PRAGMAS) connection.exec(`pragma ${pragma}`)
  writeAhead(connection)
  return connection
}

/** Distinct statements kept compiled; lists with unusual filters come and go at the end of it. */
const KEPT_STATEMENTS = 500

/** What is made of a statement's text, once for as long as it is in use. */
export const kept = <T extends object>(make: (text: string) => T) => {
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

/**
 * The same query, answering all its rows as one JSON text, an array of arrays: to hand over a text
 * and to parse it takes half the time of handing over a thousand cells. SQLite keeps the order of a
 * subquery for an aggregate that depends on it.
 */
const asOneText = (query: string, columns: number): string => {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`).join(', ')
  return `with list (${names}) as (${query}) select json_group_array(json_array(${names})) from list`
}

/**
 * Characters of lists in one turn of the event loop: others come in between, and the rows of a turn
 * are in memory until all of them are read. With six pages of fifty tasks in a turn, collecting
 * them takes a third less than with thirty-two.
 */
const MOST_LISTED = 2 ** 17
/**
 * Milliseconds of lists in one turn: where they find little, their texts do not tell how long they
 * took.
 */
const MOST_LISTING_MS = 10

/** Thrown instead of touching a closed connection, which would end the process. */
export class ClosedDatabase extends Error {
  readonly code = 'SQLITE_MISUSE'
  constructor() {
    super('the database is closed')
  }
}

export const ledgerOf = (connection: Connection) =>
  (connection.prepare(readLedger).raw(true).all([]) as [string, string][]).map(([tag, state]) => ({
    tag,
    state,
  }))

/** Rows as they come, or as one JSON text: an array of arrays. */
export type ListedRows = unknown[][] | string
const rowsOf = (listed: ListedRows): unknown[][] =>
  typeof listed === 'string' ? JSON.parse(listed) : listed

/** Runs the queries of lists on `connection`. */
export const listerOf = (connection: Pick<Connection, 'prepare'>) =>
  kept((text) => {
    const plain = connection.prepare(text).raw(true)
    if (!/^(select|with)\b/i.test(text))
      return (values: readonly unknown[]): ListedRows => plain.all(values)
    const whole = connection.prepare(asOneText(text, plain.columns().length)).raw(true)
    return (values: readonly unknown[]): ListedRows => (whole.get(values) as [string])[0]
  })

/**
 * Reads the file off the event loop, in a thread with a connection of its own. `ms`: how long
 * SQLite worked on it.
 */
export type LongReads = {
  /** Rejects with what libSQL throws, and with an error of code DATABASE_TIMEOUT. */
  all(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly listed: ListedRows; readonly ms: number }>
  end(): Promise<void>
}

type Reading = Pick<Database, 'one' | 'all' | 'migrated'>

/**
 * `isClosed` tells when nothing may be asked any more. Without `longReads` long reads run as all
 * others do.
 */
export const createReading = (
  connection: Connection,
  isClosed: () => boolean,
  longReads?: LongReads,
): Reading => {
  const reader = kept((text) => connection.prepare(text).raw(true))
  /** In this turn of the event loop. */
  let listed = 0
  const lister = listerOf(connection)
  const list = (query: Statement, values: readonly unknown[]): unknown[][] => {
    const rows = lister(query)(values)
    listed += rows.length
    return rowsOf(rows)
  }

  // Reads are answered at the end of the turn in which they were asked: what arrived together
  // leaves together, in one write to each socket, and in one transaction, because half of what it
  // takes to read a row is beginning and ending one.
  const [begin, commit] = [connection.prepare('begin'), connection.prepare('commit')]
  const points: (() => void)[] = []
  /** One after the other, as they were asked for; some of them in a later turn. */
  const lists: (() => void)[] = []
  let isDue = false
  const becomeDue = () => {
    if (isDue) return
    isDue = true
    setImmediate(answer)
  }
  const answer = () => {
    isDue = false
    const together = points.length + lists.length > 1 && begun()
    for (const read of points.splice(0)) read()
    listed = 0
    const began = lists.length > 1 ? performance.now() : 0
    do lists.shift()?.()
    while (lists.length > 0 && listed < MOST_LISTED && performance.now() - began < MOST_LISTING_MS)
    if (lists.length > 0) becomeDue()
    if (together && connection.inTransaction) commit.run([]) // where no broken disk has ended it
  }
  /** Where none can be begun, each read says what is wrong. */
  const begun = (): boolean => {
    if (isClosed()) return false
    try {
      begin.run([])
      return true
    } catch {
      return false
    }
  }
  const inTurn = <R>(waiting: (() => void)[], read: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          if (isClosed()) throw new ClosedDatabase()
          resolve(read())
        } catch (error) {
          reject(error)
        }
      })
      becomeDue()
    })

  const longRead = async <T>(
    query: Query<T>,
    values: Values,
    { took }: LongRead,
    { all }: LongReads,
  ): Promise<T[]> => {
    if (isClosed()) throw new ClosedDatabase()
    const began = performance.now()
    const { listed, ms } = await all(query.text, query.bind(values)).catch((error: unknown) => {
      took(performance.now() - began) // one that was given up took longest of all
      throw error
    })
    took(ms)
    return rowsOf(listed).map((cells) => query.row(cells))
  }

  return {
    one: <T>(query: Query<T>, values: Values = {}) =>
      inTurn(points, () => {
        const cells = reader(query).get(query.bind(values))
        return cells && query.row(cells)
      }),
    all: <T>(query: Query<T>, values: Values = {}, long?: LongRead) => {
      if (long && !long.short && longReads) return longRead(query, values, long, longReads)
      return inTurn(lists, () => {
        const began = long && performance.now()
        const rows = list(query, query.bind(values)).map((cells) => query.row(cells))
        if (began !== undefined) long?.took(performance.now() - began)
        return rows
      })
    },
    migrated: async () => {
      if (isClosed()) throw new ClosedDatabase()
      const exists = connection
        .prepare("select 1 from sqlite_master where type = 'table' and name = 'migrations'")
        .raw(true)
        .get([])
      return exists ? ledgerOf(connection).map(({ tag }) => tag) : []
    },
  }
}
