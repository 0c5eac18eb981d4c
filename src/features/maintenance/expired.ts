import { inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { inTurn } from '../../core/bulk.ts'
import { dropOldReceipts, RECEIPT_KEPT_MS } from '../../core/idempotency-records.ts'
import { firstIdOf } from '../../core/ids.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { compile, type Statement, value, write } from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'

/** Rows that one statement deletes at most, so that none holds the database for long. */
const BATCH = 500
/** A signing key is believed for a day and the life of a token after it has retired. */
const RETIRED_KEPT_MS = 2 * 24 * 60 * 60 * 1000

const DAY = 24 * 60 * 60 * 1000

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
  const { sessions, refreshTokens, signInCodes, rateLimits, signingKeys, events } = dialect.t
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
    signingKeys: deleteBefore(dialect, signingKeys, signingKeys.kid, signingKeys.retiresAt),
    // In the order of time by their ids, which spares an index of `at`.
    events: deleteBefore(dialect, events, events.id, events.id),
  }
})

/**
 * Deletes sessions, refresh tokens, one-time codes, counters and signing keys that have expired by
 * the confirmed time, receipts that no repetition gets any more, and events of more than
 * `activityDays` ago (0: none).
 */
export const deleteExpired = async (ctx: MaintenanceCtx, activityDays: number): Promise<void> => {
  const at = instantOf(olderThan(ctx.observed, 0))
  const retired = instantOf(olderThan(ctx.observed, RETIRED_KEPT_MS))
  const { sessions, refreshTokens, signInCodes, rateLimits, signingKeys, events } = statements(
    ctx.db,
  )
  // The tokens of a session first: no token outlives its session, so that a session takes none of
  // them along.
  await untilEmpty(ctx, refreshTokens, at)
  await untilEmpty(ctx, sessions, at)
  await untilEmpty(ctx, signInCodes, at)
  await untilEmpty(ctx, rateLimits, at)
  await untilEmpty(ctx, signingKeys, retired)
  if (activityDays > 0)
    await untilEmpty(ctx, events, firstIdOf(olderThan(ctx.observed, activityDays * DAY)))
  const oldest = instantOf(olderThan(ctx.observed, RECEIPT_KEPT_MS))
  while (await inTurn(ctx, () => dropOldReceipts(ctx, oldest)));
}

const untilEmpty = async (
  ctx: MaintenanceCtx,
  statement: Statement<{ before: string }>,
  before: string,
): Promise<void> => {
  for (let deleted = BATCH; deleted >= BATCH; ) {
    const touched = await inTurn(ctx, () => ctx.lease.atomic([write(statement, { before })]))
    deleted = touched[0] ?? 0
  }
}
