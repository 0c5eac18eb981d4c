// MySQL 8 and later, MariaDB 10.11 and later, by mysql2.
import {
  createConnection,
  createPool,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type RowDataPacket,
} from 'mysql2/promise'
import type { TlsOptions } from '../connection-url/tls.ts'
import type { Database, LongRead, VersionOptions } from '../database.ts'
import { mysql } from '../dialect/mysql.ts'
import { createHistogram, type Histogram } from '../histogram.ts'
import type { Query } from '../statement.ts'
import { createDeadline, DEADLINE_MS, type Deadline, statementTimeout } from './deadline.ts'
import { beginning, bound, inTransaction, runAll } from './mysql/batches.ts'
import { applyMissing, readMigrated, withLock } from './mysql/migrating.ts'
import { expectSuitable, prepareSession, sessionSettings } from './mysql/settings.ts'
import { halfOf } from './semaphore.ts'
import type { Sockets } from './sockets.ts'
import { staleAsOutcome } from './stale.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

export type MySqlOptions = VersionOptions & {
  /** mysql://user:password@host:port/database, without parameters. */
  readonly url: string
  /** The path of a Unix socket, in place of the host. */
  readonly socket?: string
  /** `prefer` has to be replaced before, by `settleTls`. */
  readonly tls?: TlsOptions
  /** Connections at most. */
  readonly poolSize?: number
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number
  /** Milliseconds that a call waits at most. `Infinity` for commands that may take long. */
  readonly deadline?: number
  readonly sockets?: Sockets
}

const connectionOptions = ({
  url,
  socket,
  tls = { mode: 'disable' },
  connectTimeout = 2000,
  sockets,
}: MySqlOptions): PoolOptions => {
  const { hostname, port } = new URL(url)
  const [host, portNumber] = [hostname.replace(/^\[|\]$/g, ''), Number(port || 3306)]
  const address = socket === undefined ? { host, port: portNumber } : { path: socket }
  return {
    uri: url,
    ...(tls.mode !== 'disable' && { ssl: sslOf(tls) }),
    // The driver takes it for safe, and sends passwords on it as servers ask for them there.
    ...(socket !== undefined && { socketPath: socket }),
    ...(sockets && { stream: () => sockets.connect(address) }),
    connectTimeout,
  }
}

const sslOf = ({ mode, ca }: TlsOptions) => ({
  rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
  verifyIdentity: mode === 'verify-full',
  ...(ca !== undefined && { ca }),
})

/**
 * Connects once to find out whether the server encrypts, because the driver knows no `prefer`.
 * Rejects when the server cannot be reached.
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

/**
 * Prepared texts of a connection; the driver closes those that were not used for the longest time.
 * All connections to a server may have 16,382 in all (`max_prepared_stmt_count`), and filters of
 * lists combine freely: without a bound, a server would refuse whatever is not prepared yet.
 */
const MOST_PREPARED = 300

export const openMySql = (options: MySqlOptions): Database => {
  const { poolSize = 10, deadline = DEADLINE_MS, sockets, lastMigration } = options
  const pool = createPool({
    ...connectionOptions(options),
    connectionLimit: poolSize,
    maxPreparedStatements: MOST_PREPARED,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    enableKeepAlive: true,
    // Only transactions begin with two statements. Texts with values are prepared, and a prepared
    // text is one statement.
    multipleStatements: true,
  })
  const settings = sessionSettings(statementTimeout(deadline))
  pool.pool.on('connection', (connection) =>
    prepareSession(connection as unknown as Parameters<typeof prepareSession>[0], settings),
  )
  markFailedConnections(pool)
  return onMySql(pool, {
    waits: timeConnections(pool),
    poolSize,
    deadline: createDeadline(deadline, () => sockets?.dropSilent(deadline)),
    lastMigration,
  })
}

type Connected<C> = (error: (Error & { fatal?: boolean }) | null, connection: C) => void

/**
 * Makes a failure to get a connection known as one, whatever its reason: the driver marks only some as
 * fatal, and has no names for errors of newer servers.
 */
const markFailedConnections = ({ pool }: Pool): void => {
  const get = pool.getConnection.bind(pool) as <C>(done: Connected<C>) => void
  pool.getConnection = (<C>(done: Connected<C>) =>
    get<C>((error, connection) => {
      if (error) error.fatal = true
      done(error, connection)
    })) as typeof pool.getConnection
}

type Parts = VersionOptions & {
  readonly poolSize: number
  readonly deadline: Deadline
  readonly waits: Histogram
}

/** Counts how long each call of the driver waits for a connection. */
const timeConnections = ({ pool }: Pool): Histogram => {
  const waits = createHistogram()
  const getConnection = pool.getConnection.bind(pool)
  pool.getConnection = (callback) => {
    const began = performance.now()
    getConnection((error, connection) => {
      waits.observe(performance.now() - began)
      callback(error, connection)
    })
  }
  return waits
}

const onMySql = (pool: Pool, { waits, poolSize, deadline, lastMigration }: Parts): Database => {
  const begin = beginning(lastMigration)
  const read = async <T>(query: Query<T>, values: object) => {
    const [rows] = await pool.execute<RowDataPacket[][]>(
      { sql: query.text, rowsAsArray: true },
      bound(query.bind(values as never)),
    )
    return rows.map((cells) => query.row(cells as unknown[]))
  }
  return {
    dialect: mysql,
    waits,
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
        await expectSuitable(pool)
        return readMigrated(pool, lastMigration)
      }),
    close: () => pool.end(),
  }
}
