// Reads of a database file.
import type { Database, LongRead } from '../../database.ts'
import type { Query, Values } from '../../statement.ts'
import { ClosedDatabase, type Connection, ledgerOf } from './connection.ts'
import { finderOf, type ListedRows, listerOf, rowsOf } from './lists.ts'
import { createReadScheduler } from './read-scheduler.ts'

/** Reads the file in a thread that has a connection of its own. */
export type LongReads = {
  /**
   * `ms`: how long SQLite worked on it. Rejects with what libSQL throws, and with an error of code
   * DATABASE_TIMEOUT.
   */
  all(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly listed: ListedRows; readonly ms: number }>
  end(): Promise<void>
}

type Reading = Pick<Database, 'one' | 'all' | 'migrated'>

/**
 * After `isClosed` returns true, every read rejects. Without `longReads` long reads run as all
 * others do.
 */
export const createReading = (
  connection: Connection,
  isClosed: () => boolean,
  longReads?: LongReads,
): Reading => {
  const finder = finderOf(connection)
  const lister = listerOf(connection)
  const scheduler = createReadScheduler(connection, isClosed)
  return {
    one: <T>(query: Query<T>, values: Values = {}) =>
      scheduler.point(() => {
        const cells = finder(query)(query.bind(values))
        return cells && query.row(cells)
      }),
    all: <T>(query: Query<T>, values: Values = {}, long?: LongRead) => {
      if (long && !long.short && longReads) {
        if (isClosed()) return Promise.reject(new ClosedDatabase())
        return readLong(longReads, { query, values, long })
      }
      return scheduler.list(() => {
        const began = long && performance.now()
        const listed = lister(query)(query.bind(values))
        scheduler.countListed(listed.length)
        const rows = rowsOf(listed).map((cells) => query.row(cells))
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

type Read<T> = { readonly query: Query<T>; readonly values: Values; readonly long: LongRead }

const readLong = async <T>(longReads: LongReads, { query, values, long }: Read<T>) => {
  const began = performance.now()
  const read = longReads.all(query.text, query.bind(values))
  const { listed, ms } = await read.catch((error: unknown) => {
    long.took(performance.now() - began) // the time of a read that was given up counts too
    throw error
  })
  long.took(ms)
  return rowsOf(listed).map((cells) => query.row(cells))
}
