// Postgres, and what speaks its protocol, by postgres.js.
import postgresJs, { type Sql, type TransactionSql } from 'postgres'
import { nodeTls, type TlsOptions } from '../connection-url/tls.ts'
import type { Database, LongRead, VersionOptions } from '../database.ts'
import { postgres } from '../dialect/postgres.ts'
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
import {
  type Attempt,
  createDeadline,
  DEADLINE_MS,
  type Deadline,
  statementTimeout,
} from './deadline.ts'
import {
  createReconnectingClient,
  isConnectionLost,
  type ReconnectingClient,
  transaction,
} from './reconnecting-client.ts'
import { createSemaphore, halfOf, type Semaphore } from './semaphore.ts'
import type { Sockets } from './sockets.ts'
import { Stale, staleAsOutcome } from './stale.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

export type PostgresOptions = VersionOptions & {
  /** postgres://user:password@host:port/database, without parameters. */
  readonly url: string
  readonly tls?: TlsOptions
  /** Connections at most. */
  readonly poolSize?: number
  /** Seconds for a connection to be made. */
  readonly connectTimeout?: number
  /** Milliseconds that a call waits at most; `Infinity` for tools that may take their time. */
  readonly deadline?: number
  /**
   * Behind a pooler that shares sessions: no prepared statements, and no settings that it would
   * refuse.
   */
  readonly pooled?: boolean
  readonly sockets?: Sockets
}

/**
 * Values arrive as the server wrote them: the columns' own decoders read them, the same as on every
 * other dialect.
 */
const asText = (value: string) => value
const types = {
  date: { to: 1184, from: [1082, 1083, 1114, 1184], serialize: asText, parse: asText },
  json: { to: 114, from: [114, 3802], serialize: asText, parse: asText },
}

/** A pool of connections; the first one is made when it is needed. */
export const openPostgres = (options: PostgresOptions): Database => {
  const {
    url,
    tls = { mode: 'disable' },
    poolSize = 10,
    connectTimeout = 2,
    deadline = DEADLINE_MS,
    pooled = false,
    sockets,
    lastMigration,
  } = options
  const { hostname, port, username, password, pathname } = new URL(url)
  const [host, portNumber] = [hostname.replace(/^\[|\]$/g, ''), Number(port || 5432)]
  const limits = {
    statement_timeout: statementTimeout(deadline),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  }
  // Taken apart here, because the driver would read an IPv6 address as a host and a port.
  const driverOptions = {
    host: [host],
    port: [portNumber],
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ssl:
      tls.mode === 'disable' ? false : tls.mode === 'prefer' ? 'prefer' : { ...nodeTls(tls), host },
    max: poolSize,
    connect_timeout: connectTimeout,
    idle_timeout: 60,
    backoff: () => 0.2,
    prepare: !pooled,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'taskport', TimeZone: 'UTC', ...(!pooled && limits) },
    types,
    ...(sockets && { socket: () => sockets.connect(host, portNumber) }),
  } as unknown as Parameters<typeof postgresJs>[1]
  const client = createReconnectingClient(() => postgresJs(driverOptions) as Sql)
  const onTimeout = () => (sockets ? sockets.dropSilent(deadline) : client.renew())
  return onPostgres(client, {
    deadline: createDeadline(deadline, onTimeout),
    poolSize,
    lastMigration,
  })
}

/** A transaction whose client is out of reach lets go of its locks after this time. */
const IDLE_IN_TRANSACTION_MS = 5_000

/**
 * Reads that may be under way on a connection: the driver sends them one behind the other, without
 * waiting for the answers.
 */
const PIPELINED = 8

type Parts = VersionOptions & { readonly deadline: Deadline; readonly poolSize: number }

/**
 * A Database on a client; at most `poolSize` transactions are with it at a time, so that it never
 * has to queue one itself. Reads share the connections that no transaction has.
 */
const onPostgres = (
  client: ReconnectingClient,
  { deadline, poolSize, lastMigration }: Parts,
): Database => {
  const newer = lastMigration === undefined ? undefined : findNewer(lastMigration)
  const [transactions, reads] = [createSemaphore(poolSize), createSemaphore(poolSize * PIPELINED)]
  const withPermit = <T>(
    semaphore: Semaphore,
    attempt: Attempt,
    run: (sql: Sql) => Promise<T>,
  ): Promise<T> =>
    semaphore(() => {
      attempt.check()
      return attempt.orLate(client.use(run))
    })
  const using = <T>(run: (sql: Sql) => Promise<T>): Promise<T> =>
    deadline((attempt) => withPermit(reads, attempt, run))
  const read = <T>(query: Query<T>, values: object, long?: LongRead): Promise<unknown[][]> =>
    using((sql) =>
      timed(
        long,
        () =>
          sql
            .unsafe(query.text, query.bind(values as never) as never[], { prepare: true })
            .values() as Promise<unknown[][]>,
      ),
    )
  return {
    dialect: postgres,
    longReadsAtOnce: halfOf(poolSize),
    one: async (query, values = {}) => {
      const [cells] = await read(query, values)
      return cells && query.row(cells)
    },
    all: async (query, values = {}, long) =>
      (await read(query, values, long)).map((cells) => query.row(cells)),
    atomic: (writes, { mustTouch = [] } = {}) =>
      deadline((attempt) => {
        const run = async (tx: TransactionSql) => {
          attempt.check()
          const touched = await runAll(tx, writes, { mustTouch, newer })
          attempt.check()
          return touched
        }
        return retryTransient(() =>
          staleAsOutcome(() => withPermit(transactions, attempt, (sql) => transaction(sql, run))),
        )
      }),
    // A deadlock with writers of older versions undoes it: then it is done again.
    migrate: (migrations) =>
      retryTransient(() =>
        client.use((sql) => transaction(sql, (tx) => applyMissing(tx, migrations))),
      ),
    migrated: () =>
      using(async (sql) => {
        const [exists] = await sql`select to_regclass('migrations') is not null as ledger`
        if (!exists?.['ledger']) return []
        const rows = (await sql.unsafe(readLedger)) as unknown as LedgerRow[]
        return HalfMigrated.refuse(rows).map(({ tag }) => tag)
      }),
    close: () => client.close(),
  }
}

/** All missing migrations or none, one migrator at a time. */
const applyMissing = async (
  tx: TransactionSql,
  migrations: readonly Migration[],
): Promise<string[]> => {
  await tx`set local statement_timeout = 0`
  await tx`select pg_advisory_xact_lock(hashtext('taskport.migrate'))`
  await tx.unsafe(createLedger('text'))
  const missing = pending(migrations, (await tx.unsafe(readLedger)) as unknown as LedgerRow[])
  if (missing.length > 0) await holdOffWriters(tx)
  for (const { tag, statements } of missing) {
    for (const statement of statements) await tx.unsafe(statement)
    await tx`insert into migrations (tag, state) values (${tag}, 'done')`
  }
  return missing.map(({ tag }) => tag)
}

/**
 * Waits for the batches that have begun, and keeps others waiting until this transaction is over.
 * Each begins with a look at the ledger, or in versions that do not look there with the row of a
 * user. So no batch is half done when the tables change, and none that was let through before
 * writes after that.
 */
const holdOffWriters = async (tx: TransactionSql): Promise<void> => {
  await tx`lock table migrations in access exclusive mode`
  const [exists] = await tx`select to_regclass('users') is not null as users`
  if (exists?.['users']) await tx`lock table users in access exclusive mode`
}

type BatchOptions = { readonly mustTouch: readonly number[]; readonly newer: string | undefined }

/**
 * Sends all writes at once, so that a batch costs one round trip, ahead of them the query for
 * migrations of a newer version. What fails or is stale first is what counts, as where they run one
 * by one; a connection that was lost counts before all else.
 */
const runAll = async (
  tx: TransactionSql,
  writes: readonly Write[],
  { mustTouch, newer }: BatchOptions,
): Promise<number[]> => {
  const looked = newer === undefined ? undefined : tx.unsafe(newer, [], { prepare: true })
  const written = writes.map(({ statement, values }) =>
    tx.unsafe(statement.text, statement.bind(values as never) as never[], { prepare: true }),
  )
  const [look, ...results] = await Promise.allSettled([looked, ...written])
  for (const result of [look, ...results])
    if (result?.status === 'rejected' && isConnectionLost(result.reason)) throw result.reason
  if (look?.status === 'rejected') throw look.reason
  if (look?.value?.count) throw new Superseded()
  return results.map((result, i) => {
    if (result.status === 'rejected') throw result.reason
    if (result.value.count === 0 && mustTouch.includes(i)) throw new Stale()
    return result.value.count
  })
}
