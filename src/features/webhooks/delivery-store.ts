// Statements of deliveries as the user of their webhook reads and changes them.
import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import type { Ctx } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount, ofAccountAmong } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { deliveryShape, type StoredDelivery } from './delivery-row.ts'
import type { DeliveryStatus } from './delivery-schemas.ts'

/** Deliveries of one endpoint that may wait: its cursor stands still while it has as many. */
export const MOST_PENDING = 1_000

const isPending = ({ t: { deliveries } }: Dialect): SQL =>
  eq(deliveries.status, sql.raw("'pending'"))

/** How many deliveries wait of an endpoint whose id is a column or a placeholder. */
export const pendingOf = (dialect: Dialect, webhook: AnyMySqlColumn | SQL): SQL => {
  const { deliveries } = dialect.t
  return sql`(select count(*) from ${deliveries} where ${and(eq(deliveries.webhookId, webhook), isPending(dialect))})`
}

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { deliveries, webhooks } = t
  const byId = eq(deliveries.id, value(deliveries.id, 'id'))
  const webhook = value(deliveries.webhookId, 'webhook')
  const ofWebhook = eq(deliveries.webhookId, webhook)
  const rows = () => q.select(deliveryShape(dialect)).from(deliveries)
  const page = (...seek: SQL[]) =>
    query<StoredDelivery>(
      rows()
        .where(and(ofWebhook, ...seek))
        .orderBy(desc(deliveries.id))
        .limit(sql.placeholder('limit')),
    )
  const ofStatus = eq(deliveries.status, value(deliveries.status, 'status'))
  const behind = lt(deliveries.id, value(deliveries.id, 'after'))
  return {
    byId: query<StoredDelivery>(
      rows()
        .innerJoin(webhooks, eq(webhooks.id, deliveries.webhookId))
        .where(ofAccountAmong(webhooks.userId, byId)),
    ),
    pages: {
      all: [page(), page(behind)],
      filtered: [page(ofStatus), page(ofStatus, behind)],
    },
    pending: query<{ count: number }>(
      q
        .select({
          count: sql<number>`${pendingOf(dialect, webhook)}`.mapWith(Number).as('pending'),
        })
        .from(webhooks)
        .where(ofAccount(webhooks.userId, eq(webhooks.id, value(webhooks.id, 'webhook')))),
    ),
    insert: compile(q.insert(deliveries).values(everyColumn(deliveries))),
    again: compile(
      q
        .update(deliveries)
        .set({ ...placeholders<object>(['nextAt', 'rev']), status: 'pending', attempts: 0 })
        .where(and(byId, eq(deliveries.rev, value(deliveries.rev, 'was')))),
    ),
    giveUp: compile(
      q
        .update(deliveries)
        .set({ ...placeholders<object>(['error']), status: 'failed', nextAt: null })
        .where(and(ofWebhook, isPending(dialect))),
    ),
  }
})

/** A delivery of one of the caller's webhooks. */
export const findDelivery = (ctx: Ctx, id: string): Promise<StoredDelivery | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

type Choice = {
  readonly status?: DeliveryStatus | undefined
  readonly limit: number
  readonly place?: Place | undefined
}

/** Those of a webhook that the caller was found to have, newest first, from behind `place`. */
export const pageOfDeliveries = (
  { db }: Ctx,
  webhook: string,
  { status, limit, place }: Choice,
): Promise<StoredDelivery[]> => {
  const { all, filtered } = statements(db).pages
  const [first, after] = status === undefined ? all : filtered
  return db.all((place ? after : first) as NonNullable<typeof first>, {
    webhook,
    limit,
    ...(status !== undefined && { status }),
    ...(place && { after: place.id }),
  })
}

/** How many of a webhook of the caller's wait. */
export const countPending = async (ctx: Ctx, webhook: string): Promise<number> =>
  (await ctx.db.one(statements(ctx.db).pending, { reader: readerIdOf(ctx), webhook }))?.count ?? 0

export const insertDelivery = ({ db }: Ctx, row: StoredDelivery): Write =>
  write(statements(db).insert, row)

/** Has it sent again at once. Touches no row where it is not at this revision any more. */
export const sendAgain = (ctx: Ctx, { id, rev }: StoredDelivery, nextAt: Instant): Write =>
  write(statements(ctx.db).again, { id, was: rev, rev: ctx.ids.next(), nextAt })

/** What waits of a webhook that is switched off fails. */
export const giveUpDeliveries = ({ db }: Pick<Ctx, 'db'>, webhook: string): Write =>
  write(statements(db).giveUp, { webhook, error: 'the webhook was switched off' })
