// Old deliveries of webhooks.
import { and, eq, gt, inArray, lt, ne, type SQL, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { derivedId } from '../../core/ids.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { compile, query, type Statement, value, write } from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'

const KEPT_MS = 30 * 24 * 60 * 60 * 1000
/** Of each webhook the newest so many are kept, at most. */
const KEPT = 1_000
/** Rows that one statement deletes at most. */
const BATCH = 500

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { deliveries } = t
  const isOver = ne(deliveries.status, sql.raw("'pending'"))
  const ofWebhook = eq(deliveries.webhookId, value(deliveries.webhookId, 'webhook'))
  const ofOne = and(ofWebhook, isOver) as SQL
  const count = sql<number>`count(*)`.mapWith(Number)
  // Wrapped, because MySQL takes no LIMIT in an IN, and no subquery of the table that it changes.
  const removeSome = (where: SQL | undefined): Statement =>
    compile(
      q
        .delete(deliveries)
        .where(
          inArray(
            deliveries.id,
            sql`(select oldest.id from (select ${deliveries.id} from ${deliveries} where ${where} limit ${sql.raw(String(BATCH))}) as oldest)`,
          ),
        ),
    )
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
    old: removeSome(and(behind, isOver)),
    oldOf: removeSome(and(ofOne, behind)),
  }
})

/** Deletes deliveries that are over: older than 30 days, or not among the last 1,000 of a webhook. */
export const pruneDeliveries = async (ctx: MaintenanceCtx): Promise<void> => {
  const { many, last, old, oldOf } = statements(ctx.db)
  const before = derivedId(olderThan(ctx.observed, KEPT_MS), 0, '0'.repeat(16))
  await untilEmpty(ctx, old, { before })
  for (const { webhookId: webhook } of await ctx.db.all(many)) {
    const kept = await ctx.db.one(last, { webhook })
    if (kept) await untilEmpty(ctx, oldOf, { webhook, before: kept.id })
  }
}

const untilEmpty = async (ctx: MaintenanceCtx, some: Statement, values: object): Promise<void> => {
  for (let deleted = BATCH; deleted >= BATCH; ) {
    const touched = await inTurn(ctx, () => ctx.lease.atomic([write(some, values as never)]))
    deleted = touched[0] ?? 0
  }
}
