// Old deliveries of webhooks.
import { and, eq, gt, lt, ne, type SQL, sql } from 'drizzle-orm'
import { firstIdOf } from '../../core/ids.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { query, value } from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { deleteSome, untilNone } from './some-rows.ts'

const KEPT_MS = 30 * 24 * 60 * 60 * 1000
/** Of each webhook the newest so many are kept, at most. */
const KEPT = 1_000

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { deliveries } = t
  const isOver = ne(deliveries.status, sql.raw("'pending'"))
  const ofWebhook = eq(deliveries.webhookId, value(deliveries.webhookId, 'webhook'))
  const ofOne = and(ofWebhook, isOver) as SQL
  const count = sql<number>`count(*)`.mapWith(Number)
  const removeSome = <V extends object>(where: SQL | undefined) =>
    deleteSome<V>(dialect, { table: deliveries, key: deliveries.id, where })
  const behind = lt(deliveries.id, value(deliveries.id, 'before'))
  return {
    many: query<{ webhookId: string }>(
      q
        .select({ webhookId: deliveries.webhookId })
        .from(deliveries)
        .groupBy(deliveries.webhookId)
        .having(gt(count, sql.raw(String(KEPT)))),
    ),
    last: query<{ id: string }>(
      q
        .select({ id: deliveries.id })
        .from(deliveries)
        .where(ofOne)
        .orderBy(sql`${deliveries.id} desc`)
        .limit(sql.raw('1') as never)
        .offset(sql.raw(String(KEPT - 1)) as never),
    ),
    old: removeSome<{ before: string }>(and(behind, isOver)),
    oldOf: removeSome<{ webhook: string; before: string }>(and(ofOne, behind)),
  }
})

/** Deletes deliveries that are over: older than 30 days, or not among the last 1,000 of a webhook. */
export const pruneDeliveries = async (ctx: MaintenanceCtx): Promise<void> => {
  const { many, last, old, oldOf } = statements(ctx.db)
  const before = firstIdOf(olderThan(ctx.observed, KEPT_MS))
  await untilNone(ctx, old, { before })
  for (const { webhookId: webhook } of await ctx.db.all(many)) {
    const kept = await ctx.db.one(last, { webhook })
    if (kept) await untilNone(ctx, oldOf, { webhook, before: kept.id })
  }
}
