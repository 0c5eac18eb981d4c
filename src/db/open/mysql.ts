// MySQL 8 and later, MariaDB 10.11 and later, by mysql2.
import {
  createConnection,
  createPool,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise'
import type { TlsOptions } from '../connection-url/tls.ts'
import type { Database, LongRead, VersionOptions } from '../database.ts'
import { mysql } from '../dialect/mysql.ts'
import {
  createLedger,
  findNewer,
  HalfMigrated,
  type LedgerRow,
  type Migration,
  pending,
  readLedger,
  Superseded,
} from '../migrate.ts'
import type { Query, Write } from '../statement.ts'
import { createDeadline, DEADLINE_MS, type Deadline, statementTimeout } from './deadline.ts'
import { halfOf } from './semaphore.ts'
import type { Sockets } from './sockets.ts'
import { Stale, staleAsOutcome } from './stale.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

export type MySqlOptions = VersionOptions & {
  /** mysql://user:password@host:port/database, without parameters. */
  readonly url: string
  /** `prefer` has to be settled before (see `settleTls`). */
  readonly tls?: TlsOptions
  /** Connections at most. */
  readonly poolSize?: number
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number
  /** Milliseconds that a call waits at most; `Infinity` for tools that may take their time. */
  readonly deadline?: number
  readonly sockets?: Sockets
}

type LocalRow = RowDataPacket & LedgerRow

const connectionOptions = ({
  url,
  tls = { mode: 'disable' },
  connectTimeout = 2000,
  sockets,
}: MySqlOptions): PoolOptions => {
  const { hostname, port } = new URL(url)
  const [host, portNumber] = [hostname.replace(/^\[|\]$/g, ''), Number(port || 3306)]
  return {
    uri: url,
    ...(tls.mode !== 'disable' && { ssl: sslOf(tls) }),
    ...(sockets && { stream: () => sockets.connect(host, portNumber) }),
    connectTimeout,
  }
}

const sslOf = ({ mode, ca }: TlsOptions) => ({
  rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
  verifyIdentity: mode === 'verify-full',
  ...(ca !== undefined && { ca }),
})

/**
 * The driver knows no `prefer`: whether the server encrypts is found out by connecting once.
 * Rejects when it cannot be reached.
 */
export const settleTls = async (options: MySqlOptions): Promise<TlsOptions> => {
  const { tls = { mode: 'disable' } } = options
  if (tls.mode !== 'prefer') return tls
  try {
    const connection = await createConnection(connectionOptions(options))
    await connection.end()
    return { ...tls, mode: 'require' }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT')
      return { ...tls, mode: 'disable' }
    throw error
  }
}

export const openMySql = (options: MySqlOptions): Database => {
  const { poolSize = 10, deadline = DEADLINE_MS, sockets, lastMigration } = options
  const pool = createPool({
    ...connectionOptions(options),
    connectionLimit: poolSize,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    enableKeepAlive: true,
    // For the beginning of transactions alone: what holds values is prepared, and a prepared text
    // is one statement.
    multipleStatements: true,
  })
  // A connection that dies while it is set up rejects its next use.
  pool.pool.on('connection', (connection) => {
    for (const statement of sessionSettings(statementTimeout(deadline)))
      connection.query(statement, () => {})
  })
  return onMySql(pool, {
    poolSize,
    deadline: createDeadline(deadline, () => sockets?.dropSilent(deadline)),
    lastMigration,
  })
}

/**
 * Read committed, as on Postgres: without gap locks, which make inserts of different users wait for
 * each other. No statement works, or waits for a lock, longer than its caller waits for it: MariaDB
 * limits all in seconds, MySQL reads in milliseconds.
 */
const sessionSettings = (timeout: number): string[] => [
  'set session transaction isolation level read committed',
  timeout === 0
    ? 'do 0'
    : `set session innodb_lock_wait_timeout = 1 /*M!100100 , max_statement_time = ${timeout / 1000} */ /*!50708 , max_execution_time = ${timeout} */`,
]

/** Integers are bound as text: MySQL refuses a LIMIT that is bound as a floating-point number. */
const bound = (values: readonly unknown[]): never[] =>
  values.map((value) => (typeof value === 'number' ? String(value) : value)) as never[]

type Parts = VersionOptions & { readonly poolSize: number; readonly deadline: Deadline }

const onMySql = (pool: Pool, { poolSize, deadline, lastMigration }: Parts): Database => {
  const begin = beginning(lastMigration)
  const isNewer = ({ tag }: LedgerRow) => lastMigration !== undefined && tag > lastMigration
  const read = async <T>(query: Query<T>, values: object) => {
    const [rows] = await pool.execute<RowDataPacket[][]>(
      { sql: query.text, rowsAsArray: true },
      bound(query.bind(values as never)),
    )
    return rows.map((cells) => query.row(cells as unknown[]))
  }
  return {
    dialect: mysql,
    longReadsAtOnce: halfOf(poolSize),
    one: async (query, values = {}) => (await deadline(() => read(query, values)))[0],
    all: (query, values = {}, long?: LongRead) =>
      deadline(() => timed(long, () => read(query, values))),
    atomic: (writes, { mustTouch = [] } = {}) =>
      deadline(({ check }) => {
        const transaction = async (connection: PoolConnection) => {
          check()
          const touched = await runAll(connection, writes, mustTouch)
          check()
          return touched
        }
        return retryTransient(() => staleAsOutcome(() => inTransaction(pool, begin, transaction)))
      }),
    migrate: async (migrations) =>
      withLock(pool, (connection) => applyMissing(connection, migrations)),
    migrated: () =>
      deadline(async () => {
        const [tables] = await pool.query<RowDataPacket[]>(
          "select 1 from information_schema.tables where table_schema = database() and table_name = 'migrations'",
        )
        if (tables.length === 0) return []
        const [rows] = await pool.query<LocalRow[]>(readLedger)
        if (rows.some(({ state }) => state === 'started')) {
          // Half done is what it looks like too while another process is at it.
          const [[lock]] = await pool.query<RowDataPacket[]>(
            `select is_used_lock(${LOCK}) as holder`,
          )
          if (lock?.['holder'] === null) HalfMigrated.refuse(rows)
        }
        return rows.filter((row) => row.state === 'done' || isNewer(row)).map(({ tag }) => tag)
      }),
    close: () => pool.end(),
  }
}

type Begin = (connection: PoolConnection) => Promise<unknown>

/**
 * Begins a transaction with a look at the ledger, in one round trip. The look also locks the
 * ledger's definition until the end of the transaction, which a migrator waits for. Throws
 * Superseded.
 */
const beginning = (lastMigration: string | undefined): Begin => {
  if (lastMigration === undefined) return (connection) => connection.beginTransaction()
  const text = `start transaction; ${findNewer(lastMigration)}`
  return async (connection) => {
    const [[, newer]] = (await connection.query(text)) as unknown as [
      [ResultSetHeader, RowDataPacket[]],
    ]
    if (newer.length > 0) throw new Superseded()
  }
}

const inTransaction = async <T>(
  pool: Pool,
  begin: Begin,
  run: (connection: PoolConnection) => Promise<T>,
): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    await begin(connection)
    const result = await run(connection)
    await connection.commit()
    connection.release()
    return result
  } catch (error) {
    // A connection that cannot even roll back is of no more use.
    await connection.rollback().then(
      () => connection.release(),
      () => connection.destroy(),
    )
    throw error
  }
}

const runAll = async (
  connection: PoolConnection,
  writes: readonly Write[],
  mustTouch: readonly number[],
): Promise<number[]> => {
  const touched: number[] = []
  for (const { statement, values } of writes) {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(
      statement.text,
      bound(statement.bind(values as never)),
    )
    if (affectedRows === 0 && mustTouch.includes(touched.length)) throw new Stale()
    touched.push(affectedRows)
  }
  return touched
}

const LOCK = "concat(left(database(), 40), '.taskport.migrate')"

/**
 * One migrator at a time: DDL commits by itself here, so a lock of the server's has to hold the
 * others off.
 */
const withLock = async <T>(
  pool: Pool,
  run: (connection: PoolConnection) => Promise<T>,
): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    // A migration takes the time that it takes.
    await connection.query(
      'set session innodb_lock_wait_timeout = 50 /*M!100100 , max_statement_time = 0 */ /*!50708 , max_execution_time = 0 */',
    )
    const [[lock]] = await connection.query<RowDataPacket[]>(`select get_lock(${LOCK}, 60) as got`)
    if (lock?.['got'] !== 1)
      throw new Error('another process has been migrating this database for a minute')
    return await run(connection)
  } finally {
    // Its settings are not the pool's; its lock ends with it.
    connection.destroy()
  }
}

const applyMissing = async (
  connection: PoolConnection,
  migrations: readonly Migration[],
): Promise<string[]> => {
  await connection.query(createLedger('varchar(191)'))
  const [rows] = await connection.query<LocalRow[]>(readLedger)
  const missing = pending(migrations, rows)
  if (missing.length > 0) await announce(connection, missing)
  for (const { tag, statements } of missing) {
    // Nothing undoes DDL that has run: a row that stays `started` tells that this one stopped
    // half-way.
    await connection.query("update migrations set state = 'started' where tag = ?", [tag])
    for (const statement of statements) await connection.query(statement)
    await connection.query("update migrations set state = 'done' where tag = ?", [tag])
  }
  return missing.map(({ tag }) => tag)
}

/**
 * Tells the processes of older versions, before anything is changed: batches that begin from now on
 * see it. Those that had looked before are waited for, because a change of the table's definition
 * needs the table for itself.
 */
const announce = async (
  connection: PoolConnection,
  missing: readonly Migration[],
): Promise<void> => {
  for (const { tag } of missing)
    await connection.query("insert ignore into migrations (tag, state) values (?, 'announced')", [
      tag,
    ])
  await connection.query('alter table migrations force')
}
