// A libSQL server, Turso, or an embedded replica of one. The caller brings the client, from `@libsql/client/node` or `/web`.
import type { Client, InStatement, InValue } from '@libsql/client'
import type { Database, Outcome } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createLedger, type LedgerRow, pending, readLedger } from '../migrate.ts'
import { isStaleGuard } from '../portable.ts'
import type { Query, Statement } from '../statement.ts'
import { guarded } from './guard.ts'
import { retryTransient } from './transient.ts'

const inStatement = (statement: Statement<never>, values: object): InStatement => ({
  sql: statement.text,
  args: statement.bind(values as never) as InValue[],
})

export const onLibsql = (client: Client): Database => {
  const read = async <T>(query: Query<T>, values: object) =>
    (await client.execute(inStatement(query as Statement<never>, values))).rows.map((cells) => query.row(cells as unknown as unknown[]))
  const ledger = async () => (await client.execute(readLedger)).rows as unknown as LedgerRow[]
  return {
    dialect: sqlite,
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}) => read(query, values),
    atomic: (writes, { mustTouch = [] } = {}) =>
      retryTransient(async (): Promise<Outcome> => {
        const { statements, positions } = guarded(
          writes.map(({ statement, values }) => inStatement(statement, values)),
          mustTouch,
        )
        try {
          const results = await client.batch(statements, 'write')
          return positions.map((i) => results[i]?.rowsAffected ?? 0)
        } catch (error) {
          if (isStaleGuard(error)) return 'stale'
          throw error
        }
      }),
    // Each migration is one transaction that first claims its tag: whoever comes second is refused and has nothing left to do.
    migrate: async (migrations) => {
      await client.execute(createLedger('text'))
      const applied: string[] = []
      for (const { tag, statements } of pending(migrations, await ledger())) {
        try {
          await client.batch([{ sql: "insert into migrations (tag, state) values (?, 'done')", args: [tag] }, ...statements], 'write')
          applied.push(tag)
        } catch (error) {
          if (!(await ledger()).some((row) => row.tag === tag)) throw error
        }
      }
      return applied
    },
    migrated: async () => {
      const { rows } = await client.execute("select 1 from sqlite_master where type = 'table' and name = 'migrations'")
      return rows.length === 0 ? [] : (await ledger()).map(({ tag }) => tag)
    },
    close: async () => client.close(),
  }
}
