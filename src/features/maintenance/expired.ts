import { lt } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { inTurn } from '../../core/bulk.ts'
import { dropOldReceipts, RECEIPT_KEPT_MS } from '../../core/idempotency-records.ts'
import { firstIdOf } from '../../core/ids.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { type Statement, value } from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { deleteSome, untilNone } from './some-rows.ts'

/** A signing key is believed for a day and the life of a token after it has retired. */
const RETIRED_KEPT_MS = 2 * 24 * 60 * 60 * 1000

const DAY = 24 * 60 * 60 * 1000

const deleteBefore = (
  dialect: Dialect,
  table: AnyMySqlTable,
  key: AnyMySqlColumn,
  column: AnyMySqlColumn,
): Statement<{ before: string }> =>
  deleteSome(dialect, { table, key, where: lt(column, value(column, 'before')) })

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
  await untilNone(ctx, refreshTokens, { before: at })
  await untilNone(ctx, sessions, { before: at })
  await untilNone(ctx, signInCodes, { before: at })
  await untilNone(ctx, rateLimits, { before: at })
  await untilNone(ctx, signingKeys, { before: retired })
  if (activityDays > 0)
    await untilNone(ctx, events, { before: firstIdOf(olderThan(ctx.observed, activityDays * DAY)) })
  const oldest = instantOf(olderThan(ctx.observed, RECEIPT_KEPT_MS))
  while (await inTurn(ctx, () => dropOldReceipts(ctx, oldest)));
}
