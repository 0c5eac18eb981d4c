// MySQL 8 and later, MariaDB 10.11 and later, by mysql2.
import { createPool, type Pool, type PoolConnection, type PoolOptions, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import type { Database } from '../database.ts'
import { mysql } from '../dialect/mysql.ts'
import { createLedger, HalfMigrated, pending, readLedger } from '../migrate.ts'
import type { Query, Write } from '../statement.ts'
import { Stale, staleAsOutcome } from './stale.ts'
import { retryTransient } from './transient.ts'

export type MySqlOptions = {
  readonly url: string
  readonly ssl?: PoolOptions['ssl']
  readonly poolSize?: number
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number
}

type LedgerRow = RowDataPacket & { tag: string; state: string }

export const openMySql = ({ url, ssl, poolSize = 10, connectTimeout = 2000 }: MySqlOptions): Database => {
  const pool = createPool({
    uri: url,
    ...(ssl && { ssl }),
    connectionLimit: poolSize,
    connectTimeout,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    enableKeepAlive: true,
  })
  // Read committed, as on Postgres: without gap locks, which make inserts of different users wait for each other.
  pool.pool.on('connection', (connection) => connection.query('set session transaction isolation level read committed'))
  return onMySql(pool)
}

/** Integers are bound as text: MySQL refuses a LIMIT that is bound as a floating-point number. */
const bound = (values: readonly unknown[]): never[] => values.map((value) => (typeof value === 'number' ? String(value) : value)) as never[]

export const onMySql = (pool: Pool): Database => {
  const read = async <T>(query: Query<T>, values: object) => {
    const [rows] = await pool.execute<RowDataPacket[][]>({ sql: query.text, rowsAsArray: true }, bound(query.bind(values as never)))
    return rows.map((cells) => query.row(cells as unknown[]))
  }
  return {
    dialect: mysql,
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}) => read(query, values),
    atomic: (writes, { mustTouch = [] } = {}) =>
      retryTransient(() => staleAsOutcome(() => inTransaction(pool, (c) => runAll(c, writes, mustTouch)))),
    migrate: async (migrations) => withLock(pool, (connection) => applyMissing(connection, migrations)),
    migrated: async () => {
      const [tables] = await pool.query<RowDataPacket[]>(
        "select 1 from information_schema.tables where table_schema = database() and table_name = 'migrations'",
      )
      if (tables.length === 0) return []
      const [rows] = await pool.query<LedgerRow[]>(readLedger)
      return HalfMigrated.refuse(rows).map(({ tag }) => tag)
    },
    close: () => pool.end(),
  }
}

const inTransaction = async <T>(pool: Pool, run: (connection: PoolConnection) => Promise<T>): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    await connection.beginTransaction()
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

const runAll = async (connection: PoolConnection, writes: readonly Write[], mustTouch: readonly number[]): Promise<number[]> => {
  const touched: number[] = []
  for (const { statement, values } of writes) {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(statement.text, bound(statement.bind(values as never)))
    if (affectedRows === 0 && mustTouch.includes(touched.length)) throw new Stale()
    touched.push(affectedRows)
  }
  return touched
}

/** One migrator at a time: DDL commits by itself here, so a lock of the server's has to hold the others off. */
const withLock = async <T>(pool: Pool, run: (connection: PoolConnection) => Promise<T>): Promise<T> => {
  const connection = await pool.getConnection()
  try {
    const [[lock]] = await connection.query<RowDataPacket[]>(
      "select get_lock(concat(left(database(), 40), '.taskport.migrate'), 60) as got",
    )
    if (lock?.['got'] !== 1) throw new Error('another process has been migrating this database for a minute')
    try {
      return await run(connection)
    } finally {
      await connection.query("do release_lock(concat(left(database(), 40), '.taskport.migrate'))")
    }
  } finally {
    connection.release()
  }
}

const applyMissing = async (connection: PoolConnection, migrations: Parameters<typeof pending>[0]): Promise<string[]> => {
  await connection.query(createLedger('varchar(191)'))
  const [rows] = await connection.query<LedgerRow[]>(readLedger)
  const missing = pending(migrations, rows)
  for (const { tag, statements } of missing) {
    // Nothing undoes DDL that has run: a row that stays `started` tells that this one stopped half-way.
    await connection.query("insert into migrations (tag, state) values (?, 'started')", [tag])
    for (const statement of statements) await connection.query(statement)
    await connection.query("update migrations set state = 'done' where tag = ?", [tag])
  }
  return missing.map(({ tag }) => tag)
}
