// Postgres, and what speaks its protocol, by postgres.js.
import postgresJs, { type Sql } from 'postgres'
import { nodeTls, type TlsOptions } from '../connection-url/tls.ts'
import type { Database, LongRead, VersionOptions } from '../database.ts'
import { postgres } from '../dialect/postgres.ts'
import { createHistogram } from '../histogram.ts'
import { HalfMigrated, type LedgerRow, readLedger } from '../migrate.ts'
import type { Query } from '../statement.ts'
import {
  createDeadline,
  DEADLINE_MS,
  type Deadline,
  statementTimeout,
  type TimedCall,
} from './deadline.ts'
import { runBatch, withoutNewer } from './postgres/batches.ts'
import { applyMissing } from './postgres/migrating.ts'
import { type Result, rowsOf } from './postgres/rows.ts'
import { findLedger, sessionSettings } from './postgres/settings.ts'
import {
  createReconnectingClient,
  type ReconnectingClient,
  transaction,
} from './reconnecting-client.ts'
import { createSemaphore, halfOf, type Semaphore } from './semaphore.ts'
import type { Sockets } from './sockets.ts'
import { staleAsOutcome } from './stale.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

export type PostgresOptions = VersionOptions & {
  /** postgres://user:password@host:port/database, without parameters. */
  readonly url: string
  /** The path of a Unix socket, in place of the host. */
  readonly socket?: string
  readonly tls?: TlsOptions
  /** Connections at most. */
  readonly poolSize?: number
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number
  /** Milliseconds that a call waits at most. `Infinity` for commands that may take long. */
  readonly deadline?: number
  /**
   * Behind a pooler that shares sessions: prepares no statements, and sends no settings that the
   * pooler would refuse.
   */
  readonly pooled?: boolean
  /** Settings of its sessions that the operator asks for. */
  readonly settings?: Readonly<Record<string, string>>
  readonly sockets?: Sockets
}

/**
 * Values stay as the server wrote them. The decoders of the columns read them, as on every other
 * dialect.
 */
const asText = (value: string) => value
const types = {
  date: { to: 1184, from: [1082, 1083, 1114, 1184], serialize: asText, parse: asText },
  json: { to: 114, from: [114, 3802], serialize: asText, parse: asText },
}

/** Opens a pool of connections. The first connection is made when it is needed. */
export const openPostgres = (options: PostgresOptions): Database => {
  const {
    url,
    socket,
    tls = { mode: 'disable' },
    poolSize = 10,
    connectTimeout = 2000,
    deadline = DEADLINE_MS,
    pooled = false,
    settings,
    sockets,
    ...version
  } = options
  const { hostname, port, username, password, pathname } = new URL(url)
  const [host, portNumber] = [hostname.replace(/^\[|\]$/g, ''), Number(port || 5432)]
  const address = socket === undefined ? { host, port: portNumber } : { path: socket }
  // Split here, because the driver would read an IPv6 address as a host and a port.
  const driverOptions = {
    host: [host],
    port: [portNumber],
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ssl:
      tls.mode === 'disable' ? false : tls.mode === 'prefer' ? 'prefer' : { ...nodeTls(tls), host },
    max: poolSize,
    connect_timeout: connectTimeout / 1000,
    idle_timeout: 60,
    backoff: () => 0.2,
    prepare: !pooled,
    fetch_types: false,
    onnotice: () => {},
    connection: sessionSettings({
      statementTimeout: statementTimeout(deadline),
      pooled,
      own: settings,
    }),
    types,
    ...(socket !== undefined && { path: socket }),
    ...(sockets && { socket: () => sockets.connect(address) }),
  } as unknown as Parameters<typeof postgresJs>[1]
  const client = createReconnectingClient(() => postgresJs(driverOptions) as Sql)
  const onTimeout = () => (sockets ? sockets.dropSilent(deadline) : client.renew())
  return onPostgres(client, {
    deadline: createDeadline(deadline, onTimeout),
    poolSize,
    ...version,
  })
}

/**
 * Reads that may run on a connection at a time: the driver sends them without waiting for the
 * responses to earlier ones.
 */
const PIPELINED = 8

type Parts = VersionOptions & { readonly deadline: Deadline; readonly poolSize: number }

/**
 * Texts of reads that are prepared. Each takes memory of the server on each connection until that
 * ends, and filters of lists combine freely: what comes later is parsed each time.
 */
const MOST_PREPARED = 500

/**
 * A Database on a client. At most `poolSize` transactions use it at a time, so that the driver
 * never has to queue one. Reads share the connections that no transaction has.
 */
const onPostgres = (
  client: ReconnectingClient,
  { deadline, poolSize, lastMigration, onlyRead = false }: Parts,
): Database => {
  const look = lastMigration === undefined ? undefined : withoutNewer(lastMigration)
  const prepared = new Set<string>()
  const isPrepared = (text: string): boolean => {
    if (prepared.size < MOST_PREPARED) prepared.add(text)
    return prepared.has(text)
  }
  const waits = createHistogram()
  const permits = (count: number) => createSemaphore(count, waits)
  const [transactions, reads] = [permits(poolSize), permits(poolSize * PIPELINED)]
  const withPermit = <T>(
    semaphore: Semaphore,
    call: TimedCall,
    run: (sql: Sql) => Promise<T>,
  ): Promise<T> =>
    semaphore(() => {
      call.check()
      return call.orLate(client.use(run))
    })
  const using = <T>(run: (sql: Sql) => Promise<T>): Promise<T> =>
    deadline((call) => withPermit(reads, call, run))
  const read = <T>(query: Query<T>, values: object, long?: LongRead): Promise<Result<unknown[]>> =>
    using((sql) =>
      timed(
        long,
        () =>
          sql
            .unsafe(query.text, query.bind(values as never) as never[], {
              prepare: isPrepared(query.text),
            })
            .values() as Promise<Result<unknown[]>>,
      ),
    )
  return {
    dialect: postgres,
    waits,
    longReadsAtOnce: halfOf(poolSize),
    one: async (query, values = {}) => {
      const [cells] = rowsOf(await read(query, values))
      return cells && query.row(cells)
    },
    all: async (query, values = {}, long) =>
      rowsOf(await read(query, values, long)).map((cells) => query.row(cells)),
    atomic: (writes, { mustTouch = [] } = {}) =>
      deadline((call) => {
        const options = { mustTouch, look, check: () => call.check() }
        return retryTransient(() =>
          staleAsOutcome(() =>
            withPermit(transactions, call, (sql) => runBatch(sql, writes, options)),
          ),
        )
      }),
    // A deadlock with writers of older versions undoes it. Then it is repeated.
    migrate: (migrations) =>
      retryTransient(() =>
        client.use((sql) => transaction(sql, (tx) => applyMissing(tx, migrations))),
      ),
    migrated: () =>
      using(async (sql) => {
        if (!(await findLedger(sql, { onlyRead }))) return []
        const rows = rowsOf(await sql.unsafe<LedgerRow[]>(readLedger))
        return HalfMigrated.refuse(rows).map(({ tag }) => tag)
      }),
    close: () => client.close(),
  }
}
