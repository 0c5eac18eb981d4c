// A connection to a database file through the `libsql` package.
import Libsql from 'libsql'
import { readLedger } from '../../migrate.ts'
import { UnsuitableDatabase } from '../../unsuitable.ts'

/** The part of the package's API that is used. Its own types are better-sqlite3's. */
type Prepared = {
  raw(on: boolean): Prepared
  columns(): readonly unknown[]
  get(values: readonly unknown[]): unknown[] | undefined
  all(values: readonly unknown[]): unknown[][]
  run(values: readonly unknown[]): { changes: number }
}
export type Connection = {
  prepare(sql: string): Prepared
  exec(sql: string): void
  readonly inTransaction: boolean
  close(): void
}

/** Thrown instead of using a closed connection, which would end the process. */
export class ClosedDatabase extends Error {
  readonly code = 'SQLITE_MISUSE'
  constructor() {
    super('the database is closed')
  }
}

/** Opens the file without any settings. Throws what libSQL throws. */
export const openConnection = (path: string): Connection =>
  new Libsql(path, { timeout: 5_000 } as never) as unknown as Connection

/**
 * Pages of the write-ahead log after which it has to begin anew. A long log makes reads slower, and
 * is a file of that size.
 */
export const LONG_LOG = 4_000
const PAGE_BYTES = 4_096
/**
 * Bytes with which a log is too long. Its file keeps as many when it begins anew: to cut off what it
 * has can take longer than all writes of a second (where the file system tells the disk of each
 * block, ext4's `discard`), and the connection that writes does it.
 */
export const TOO_LONG_LOG_BYTES = 8 * LONG_LOG * PAGE_BYTES

const PRAGMAS = [
  'busy_timeout = 5000',
  'synchronous = normal',
  'foreign_keys = on',
  'secure_delete = on', // what it leaves is overwritten by `erase` in checkpointing.ts
  'cache_size = -16000',
  'temp_store = memory',
  `wal_autocheckpoint = ${LONG_LOG}`,
  `journal_size_limit = ${TOO_LONG_LOG_BYTES}`,
]

type ConnectOptions = {
  readonly onlyRead?: boolean
  /**
   * Looks at a file that has no write-ahead log yet, before anything is written into it. Throws for
   * one that must stay as it is. From outside, because threads load this file without the tables.
   */
  readonly expectOwn?: ((connection: Connection) => void) | undefined
}

/**
 * Opens the file with the settings of the service. Throws what libSQL throws, UnsuitableDatabase, and
 * what `expectOwn` throws.
 */
export const connect = (
  path: string,
  { onlyRead = false, expectOwn }: ConnectOptions = {},
): Connection => {
  const connection = openConnection(path)
  try {
    for (const pragma of PRAGMAS) connection.exec(`pragma ${pragma}`)
    if (!onlyRead) expectUtf8(connection)
    if (expectOwn && textOf(connection, 'journal_mode') !== 'wal') expectOwn(connection)
    useWriteAheadLog(connection)
    expectWriteAheadLog(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** A file keeps the encoding that it was made with. In UTF-16 texts have other lengths and another order. */
const expectUtf8 = (connection: Connection): void => {
  const encoding = textOf(connection, 'encoding')
  if (encoding !== 'UTF-8')
    throw new UnsuitableDatabase(
      `its encoding is ${encoding}, and texts have another order and length in it; name another file, or move the data to it by npm run db:copy`,
    )
}

const textOf = (connection: Connection, pragma: string): string =>
  String(connection.prepare(`pragma ${pragma}`).raw(true).get([])?.[0])

const ATTEMPTS = 20
/**
 * When several processes open a new file at once, SQLite refuses this pragma in all but one of them
 * at once, whatever their `busy_timeout` is. It does wait to begin a transaction.
 */
const useWriteAheadLog = (connection: Connection): void => {
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

/** Where a file system has no shared memory SQLite keeps to another mode, without an error. */
const expectWriteAheadLog = (connection: Connection): void => {
  const mode = textOf(connection, 'journal_mode')
  if (mode !== 'wal' && mode !== 'memory')
    throw new UnsuitableDatabase(
      `its journal mode stays ${mode} there, and a write-ahead log is needed; put it on a disk of this machine`,
    )
}

/** Reads the number of a pragma, anew at each call. */
export const pragmaOf = (connection: Connection, name: string): (() => number) => {
  const prepared = connection.prepare(`pragma ${name}`).raw(true)
  return () => Number(prepared.get([])?.[0])
}

export const ledgerOf = (connection: Connection) =>
  (connection.prepare(readLedger).raw(true).all([]) as [string, string][]).map(([tag, state]) => ({
    tag,
    state,
  }))
