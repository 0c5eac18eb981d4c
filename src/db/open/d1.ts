// Cloudflare D1, by its binding.
import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types'
import type { Database, Outcome } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createLedger, type LedgerRow, pending, readLedger } from '../migrate.ts'
import { isStaleGuard } from '../portable.ts'
import type { Query, Statement } from '../statement.ts'
import { guarded } from './guard.ts'
import { retryTransient } from './transient.ts'

export const onD1 = (binding: D1Database): Database => {
  const prepare = (statement: Statement<never>, values: object) => binding.prepare(statement.text).bind(...statement.bind(values as never))
  const read = async <T>(query: Query<T>, values: object) =>
    (await prepare(query as Statement<never>, values).raw<unknown[]>()).map((cells) => query.row(cells))
  const ledger = async () => (await binding.prepare(readLedger).all<LedgerRow>()).results
  return {
    dialect: sqlite,
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}) => read(query, values),
    atomic: (writes, { mustTouch = [] } = {}) =>
      retryTransient(async (): Promise<Outcome> => {
        const { statements, positions } = guarded<D1PreparedStatement>(
          writes.map(({ statement, values }) => prepare(statement, values)),
          mustTouch,
        )
        try {
          const results = await binding.batch(statements.map((s) => (typeof s === 'string' ? binding.prepare(s) : s)))
          return positions.map((i) => results[i]?.meta.changes ?? 0)
        } catch (error) {
          if (isStaleGuard(error)) return 'stale'
          throw error
        }
      }),
    migrate: async (migrations) => {
      await binding.prepare(createLedger('text')).run()
      const applied: string[] = []
      for (const { tag, statements } of pending(migrations, await ledger())) {
        try {
          await binding.batch([
            binding.prepare("insert into migrations (tag, state) values (?, 'done')").bind(tag),
            ...statements.map((s) => binding.prepare(s)),
          ])
          applied.push(tag)
        } catch (error) {
          if (!(await ledger()).some((row) => row.tag === tag)) throw error
        }
      }
      return applied
    },
    migrated: async () => {
      const exists = await binding.prepare("select 1 from sqlite_master where type = 'table' and name = 'migrations'").first()
      return exists === null ? [] : (await ledger()).map(({ tag }) => tag)
    },
    close: async () => {},
  }
}
