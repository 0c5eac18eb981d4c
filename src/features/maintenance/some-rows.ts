// Deletes that hold the database for a short time only, one after the other.
import { inArray, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { inTurn } from '../../core/bulk.ts'
import type { Dialect } from '../../db/database.ts'
import { compile, type Statement, write } from '../../db/statement.ts'
import type { MaintenanceCtx } from './context.ts'

/** Rows that one statement deletes at most. */
const BATCH = 500

/**
 * Deletes rows of a table, at most BATCH of them. Wrapped, because MySQL takes no LIMIT in an IN, and
 * no subquery of the table that it changes.
 */
export const deleteSome = <V extends object>(
  { q }: Dialect,
  { table, key, where }: { table: AnyMySqlTable; key: AnyMySqlColumn; where: SQL | undefined },
): Statement<V> => {
  const some = sql`select ${key} from ${table} where ${where} limit ${sql.raw(String(BATCH))}`
  const oldest = sql`(select oldest.${sql.identifier(key.name)} from (${some}) as oldest)`
  return compile(q.delete(table).where(inArray(key, oldest)))
}

/** Runs such a statement again and again, until it finds no more. Throws LeaseLost. */
export const untilNone = async <V extends object>(
  ctx: MaintenanceCtx,
  some: Statement<V>,
  values: V,
): Promise<void> => {
  for (let deleted = BATCH; deleted >= BATCH; ) {
    const touched = await inTurn(ctx, () => ctx.lease.atomic([write(some, values)]))
    deleted = touched[0] ?? 0
  }
}
