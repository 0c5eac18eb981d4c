// Postgres, and what speaks its protocol, by postgres.js.
import postgresJs, { type Sql, type TransactionSql } from 'postgres'
import type { Database } from '../database.ts'
import { postgres } from '../dialect/postgres.ts'
import { createLedger, HalfMigrated, pending, readLedger } from '../migrate.ts'
import type { Query, Write } from '../statement.ts'
import { Stale, staleAsOutcome } from './stale.ts'
import { retryTransient } from './transient.ts'

export type PostgresOptions = {
  readonly url: string
  /** Connections at most. */
  readonly poolSize?: number
  /** Seconds for a connection to be made. */
  readonly connectTimeout?: number
  /** Milliseconds after which the server gives up a statement. */
  readonly statementTimeout?: number
}

/** Values arrive as the server wrote them: the columns' own decoders read them, the same as on every other dialect. */
const asText = (value: string) => value
const types = {
  date: { to: 1184, from: [1082, 1083, 1114, 1184], serialize: asText, parse: asText },
  json: { to: 114, from: [114, 3802], serialize: asText, parse: asText },
}

/** A pool of connections; the first one is made when it is needed. */
export const openPostgres = ({ url, poolSize = 10, connectTimeout = 2, statementTimeout = 2000 }: PostgresOptions): Database => {
  const client = postgresJs(url, {
    max: poolSize,
    connect_timeout: connectTimeout,
    idle_timeout: 60,
    backoff: () => 0.2,
    onnotice: () => {},
    connection: { application_name: 'taskport', TimeZone: 'UTC', statement_timeout: statementTimeout },
    types,
  } as Parameters<typeof postgresJs>[1]) as Sql
  return onPostgres(client)
}

/** A Database on a client that somebody else made. */
export const onPostgres = (client: Sql): Database => {
  const read = async <T>(query: Query<T>, values: object) => {
    const rows = await client.unsafe(query.text, query.bind(values as never) as never[], { prepare: true }).values()
    return rows.map((cells) => query.row(cells as unknown[]))
  }
  return {
    dialect: postgres,
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}) => read(query, values),
    atomic: (writes, { mustTouch = [] } = {}) =>
      retryTransient(() => staleAsOutcome(() => client.begin((tx) => runAll(tx, writes, mustTouch)) as Promise<number[]>)),
    migrate: (migrations) =>
      client.begin(async (tx) => {
        await tx`set local statement_timeout = 0`
        await tx`select pg_advisory_xact_lock(hashtext('taskport.migrate'))`
        await tx.unsafe(createLedger('text'))
        const missing = pending(migrations, (await tx.unsafe(readLedger)) as unknown as { tag: string; state: string }[])
        for (const { tag, statements } of missing) {
          for (const statement of statements) await tx.unsafe(statement)
          await tx`insert into migrations (tag, state) values (${tag}, 'done')`
        }
        return missing.map(({ tag }) => tag)
      }) as Promise<string[]>,
    migrated: async () => {
      const [exists] = await client`select to_regclass('migrations') is not null as ledger`
      if (!exists?.['ledger']) return []
      const rows = (await client.unsafe(readLedger)) as unknown as { tag: string; state: string }[]
      return HalfMigrated.refuse(rows).map(({ tag }) => tag)
    },
    close: () => client.end({ timeout: 5 }),
  }
}

/** Sends all writes at once, so that a batch costs one round trip; the first failure is the one that counts, what is behind it only follows. */
const runAll = async (tx: TransactionSql, writes: readonly Write[], mustTouch: readonly number[]): Promise<number[]> => {
  const results = await Promise.allSettled(
    writes.map(({ statement, values }) => tx.unsafe(statement.text, statement.bind(values as never) as never[], { prepare: true })),
  )
  const touched: number[] = []
  for (const [i, result] of results.entries()) {
    if (result.status === 'rejected') throw result.reason
    if (result.value.count === 0 && mustTouch.includes(i)) throw new Stale()
    touched.push(result.value.count)
  }
  return touched
}
