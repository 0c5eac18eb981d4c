import { inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { inTurn } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { dropOldReceipts } from '../../core/idempotency-records.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { compile, type Statement, value, write } from '../../db/statement.ts'

/** Rows that one statement deletes at most, so that none holds the database for long. */
const BATCH = 500

/**
 * `delete … where column < :before`, at most BATCH rows. The subquery is wrapped because MySQL
 * takes no LIMIT in an IN.
 */
const deleteBefore = (
  { q }: Dialect,
  table: AnyMySqlTable,
  key: AnyMySqlColumn,
  column: AnyMySqlColumn,
): Statement<{ before: string }> => {
  const some: SQL = sql`(select oldest.${sql.identifier(key.name)} from (select ${key} from ${table} where ${lt(column, value(column, 'before'))} limit ${sql.raw(String(BATCH))}) as oldest)`
  return compile(q.delete(table).where(inArray(key, some)))
}

const statements = perDialect((dialect) => {
  const { sessions, refreshTokens, signInCodes, rateLimits } = dialect.t
  return {
    sessions: deleteBefore(dialect, sessions, sessions.id, sessions.expiresAt),
    refreshTokens: deleteBefore(
      dialect,
      refreshTokens,
      refreshTokens.hash,
      refreshTokens.expiresAt,
    ),
    signInCodes: deleteBefore(dialect, signInCodes, signInCodes.hash, signInCodes.expiresAt),
    rateLimits: deleteBefore(dialect, rateLimits, rateLimits.key, rateLimits.resetsAt),
  }
})

/**
 * Deletes sessions, refresh tokens, one-time codes and counters that have expired, and receipts
 * that no repetition gets any more.
 */
export const deleteExpired = async (ctx: Ctx): Promise<void> => {
  const at = ctx.clock.now()
  const { sessions, refreshTokens, signInCodes, rateLimits } = statements(ctx.db)
  // The tokens of a session first: no token outlives its session, so that a session takes none of
  // them along.
  await untilEmpty(ctx, refreshTokens, instantOf(at))
  await untilEmpty(ctx, sessions, instantOf(at))
  await untilEmpty(ctx, signInCodes, instantOf(at))
  await untilEmpty(ctx, rateLimits, instantOf(at))
  while (await inTurn(ctx, () => dropOldReceipts(ctx)));
}

const untilEmpty = async (
  ctx: Ctx,
  statement: Statement<{ before: string }>,
  before: string,
): Promise<void> => {
  for (let deleted = BATCH; deleted >= BATCH; ) {
    const outcome = await inTurn(ctx, () => ctx.db.atomic([write(statement, { before })]))
    deleted = outcome === 'stale' ? 0 : (outcome[0] ?? 0)
  }
}
