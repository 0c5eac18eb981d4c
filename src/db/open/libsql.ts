// A libSQL server or Turso. The caller passes the client, of `@libsql/client/http` or `/web`.
import type { Config, InStatement, InValue } from '@libsql/client'
import type { Database, LongRead, Outcome, VersionOptions } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createHistogram, type Histogram } from '../histogram.ts'
import {
  createLedger,
  type LedgerRow,
  type Migration,
  pending,
  readLedger,
  Superseded,
} from '../migrate.ts'
import { isStaleGuard, isSupersededGuard } from '../portable.ts'
import type { Query, Statement } from '../statement.ts'
import { UnsuitableDatabase } from '../unsuitable.ts'
import { createDeadline, DatabaseBusy, DEADLINE_MS, type Deadline } from './deadline.ts'
import { guarded } from './guard.ts'
import { createSemaphore, halfOf } from './semaphore.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

const inStatement = (statement: Statement<never>, values: object): InStatement => ({
  sql: statement.text,
  args: statement.bind(values as never) as InValue[],
})

/** The part of the client's API that is used. Rows are read by position. */
type LibsqlReader = {
  execute(statement: InStatement): Promise<{ readonly rows: readonly ArrayLike<unknown>[] }>
}
type LibsqlClient = LibsqlReader & {
  batch(
    statements: InStatement[],
    mode: 'write',
  ): Promise<readonly { readonly rowsAffected: number }[]>
  close(): void
}

export type LibsqlOptions = VersionOptions & {
  /** http:// or https://, without parameters. */
  readonly url: string
  readonly authToken?: string
  /** Reads at a time. Writes go one by one, because the server runs them so. */
  readonly poolSize?: number
  /** Milliseconds that a call waits at most. `Infinity` for commands that may take long. */
  readonly deadline?: number
}

/**
 * A libSQL server by HTTP. Nothing is sent before the first call. Reads run side by side. Writes
 * run one by one: the server writes one transaction at a time, and a write whose connection is cut
 * while it waits there may block the others without end (docs/decisions/017-writes-to-libsql.md).
 */
export const openLibsql = (
  createClient: (config: Config) => LibsqlClient,
  options: LibsqlOptions,
): Database => {
  const { url, authToken, poolSize = 10, deadline: limit = DEADLINE_MS } = options
  const { lastMigration, onlyRead = false } = options
  const connect = (limit: number) =>
    createClient({
      url,
      ...(authToken !== undefined && { authToken }),
      concurrency: poolSize,
      fetch: fetchWithin(limit),
    })
  const client = connect(limit)
  const deadline = createDeadline(limit)
  const waits = createHistogram()
  const writing = createSemaphore(1, waits)
  return {
    dialect: sqlite,
    waits,
    longReadsAtOnce: halfOf(poolSize),
    ...readingOf(client, { deadline, poolSize, onlyRead, waits }),
    atomic: (writes, { mustTouch = [] } = {}) =>
      deadline(({ check }) => {
        const { statements, positions } = guarded(
          writes.map(({ statement, values }) => inStatement(statement, values)),
          { mustTouch, lastMigration },
        )
        const began = performance.now()
        const run = () => {
          check()
          // A write that is sent late is done late. With a long queue every write would be done
          // after its caller had been told that it is not known.
          if (performance.now() - began > limit / 2) throw new DatabaseBusy()
          return client.batch(statements, 'write')
        }
        return retryTransient(async (): Promise<Outcome> => {
          try {
            const results = await writing(run)
            return positions.map((i) => results[i]?.rowsAffected ?? 0)
          } catch (error) {
            if (isStaleGuard(error)) return 'stale'
            if (isSupersededGuard(error)) throw new Superseded()
            throw error
          }
        })
      }),
    migrate: async (migrations) => {
      const patient = connect(Number.POSITIVE_INFINITY)
      try {
        return await applyMissing(patient, migrations)
      } finally {
        patient.close()
      }
    },
    close: async () => client.close(),
  }
}

/**
 * Ends the connection of a request that is given up, so that the next request does not wait on the
 * same dead connection.
 */
const fetchWithin = (ms: number) => async (request: Request) =>
  told(
    await (ms === Number.POSITIVE_INFINITY
      ? fetch(request)
      : fetch(request, { signal: AbortSignal.timeout(ms) })),
  )

/** A token that is not taken, a database that is gone, archived or blocked, a server that is overloaded. */
const refusals = new Set([401, 402, 403, 404, 408, 410, 423, 429, 451])

/**
 * The response, or its status alone where the server, or what is in front of it, refuses. The client would
 * look for an error of SQL in its body, and fail where there is something else.
 */
const told = (response: Response): Response => {
  if (!refusals.has(response.status) && response.status < 500) return response
  void response.body?.cancel().catch(() => {})
  return new Response(null, { status: response.status })
}

/** The reads of a libSQL database, at most `poolSize` at a time. */
const readingOf = (
  client: LibsqlReader,
  {
    deadline,
    poolSize,
    onlyRead,
    waits,
  }: { deadline: Deadline; poolSize: number; onlyRead: boolean; waits: Histogram },
): Pick<Database, 'one' | 'all' | 'migrated'> => {
  const semaphore = createSemaphore(poolSize, waits)
  const read = <T>(query: Query<T>, values: object, long?: LongRead) =>
    deadline(async ({ check }) => {
      const statement = inStatement(query as Statement<never>, values)
      const { rows } = await semaphore(() => {
        check()
        return timed(long, () => client.execute(statement))
      })
      return rows.map((cells) => query.row(Array.from(cells)))
    })
  return {
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}, long) => read(query, values, long),
    migrated: () =>
      deadline(async () => {
        const { rows } = await client.execute(
          "select octet_length('a'), (select 1 from sqlite_master where type = 'table' and name = 'migrations')",
        )
        const [bytes, ledger] = Array.from(rows[0] ?? [])
        // A server may have been given a file that was made elsewhere.
        if (Number(bytes) !== 1 && !onlyRead)
          throw new UnsuitableDatabase(
            'its encoding is UTF-16, and texts have another order and length in it; make a database in UTF-8, and move the data to it by npm run db:copy',
          )
        return ledger == null ? [] : (await ledgerOf(client)).map(({ tag }) => tag)
      }),
  }
}

const ledgerOf = async (client: LibsqlReader): Promise<LedgerRow[]> =>
  (await client.execute(readLedger)).rows.map(({ 0: tag, 1: state }) => ({
    tag: String(tag),
    state: String(state),
  }))

/**
 * Each migration is one transaction, which first inserts its tag. A second process fails at that,
 * and has nothing left to do.
 */
const applyMissing = async (
  client: LibsqlClient,
  migrations: readonly Migration[],
): Promise<string[]> => {
  await client.execute(createLedger('text'))
  const applied: string[] = []
  for (const { tag, statements } of pending(migrations, await ledgerOf(client))) {
    try {
      await client.batch(
        [
          { sql: "insert into migrations (tag, state) values (?, 'done')", args: [tag] },
          ...statements,
        ],
        'write',
      )
      applied.push(tag)
    } catch (error) {
      if (!(await ledgerOf(client)).some((row) => row.tag === tag)) throw error
    }
  }
  return applied
}
