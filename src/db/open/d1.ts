// Cloudflare D1, by its binding.
import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types'
import type { Database, Outcome, VersionOptions } from '../database.ts'
import { sqlite } from '../dialect/sqlite.ts'
import { createLedger, type LedgerRow, pending, readLedger, Superseded } from '../migrate.ts'
import { isStaleGuard, isSupersededGuard } from '../portable.ts'
import type { Query, Statement } from '../statement.ts'
import { createDeadline, DEADLINE_MS } from './deadline.ts'
import { guarded } from './guard.ts'
import { timed } from './timed.ts'
import { retryTransient } from './transient.ts'

/** `deadline`: milliseconds that a call waits at most. */
export const onD1 = (
  binding: D1Database,
  options: VersionOptions & { readonly deadline?: number } = {},
): Database => {
  const { deadline: ms = DEADLINE_MS, lastMigration } = options
  const deadline = createDeadline(ms)
  const prepare = (statement: Statement<never>, values: object) =>
    binding.prepare(statement.text).bind(...statement.bind(values as never))
  const read = <T>(query: Query<T>, values: object) =>
    deadline(async () =>
      (await prepare(query as Statement<never>, values).raw<unknown[]>()).map((cells) =>
        query.row(cells),
      ),
    )
  const ledger = async () => (await binding.prepare(readLedger).all<LedgerRow>()).results
  return {
    dialect: sqlite,
    longReadsAtOnce: Number.POSITIVE_INFINITY,
    one: async (query, values = {}) => (await read(query, values))[0],
    all: (query, values = {}, long) => timed(long, () => read(query, values)),
    atomic: (writes, { mustTouch = [] } = {}) =>
      deadline(({ check }) =>
        retryTransient(async (): Promise<Outcome> => {
          check()
          const { statements, positions } = guarded<D1PreparedStatement>(
            writes.map(({ statement, values }) => prepare(statement, values)),
            { mustTouch, lastMigration },
          )
          try {
            const results = await binding.batch(
              statements.map((s) => (typeof s === 'string' ? binding.prepare(s) : s)),
            )
            return positions.map((i) => results[i]?.meta.changes ?? 0)
          } catch (error) {
            if (isStaleGuard(error)) return 'stale'
            if (isSupersededGuard(error)) throw new Superseded()
            throw error
          }
        }),
      ),
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
    migrated: () =>
      deadline(async () => {
        try {
          return (await ledger()).map(({ tag }) => tag)
        } catch (error) {
          // One query instead of two: every isolate that wakes up asks this first.
          if (/no such table: migrations/.test(String((error as Error).message))) return []
          throw error
        }
      }),
    close: async () => {},
  }
}
