// Deliveries of all users whose time has come: how they are found, claimed, and what is noted.
import { and, asc, eq, exists, isNull, lte, sql } from 'drizzle-orm'
import { SKEW_MS } from '../../core/clock.ts'
import type { Ctx } from '../../core/context.ts'
import { type ReaderId, readerColumn } from '../../core/parties.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { literal } from '../../db/portable.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { deliveryShape, type StoredDelivery } from './delivery-row.ts'
import type { DeliveryStatus } from './delivery-schemas.ts'
import { rowShape, type Stored } from './row.ts'
import { SEND_MS } from './targets.ts'

export type Endpoint = {
  readonly id: string
  readonly userId: ReaderId
  /** Has nothing arrived there lately? */
  readonly isFailing: boolean
}
type Found = Omit<Endpoint, 'isFailing'> & { readonly failingSince: Instant | null }

const RESULT = [
  'status',
  'nextAt',
  'responseStatus',
  'responseExcerpt',
  'error',
  'durationMs',
] as const

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { deliveries, webhooks, users } = t
  const isPending = eq(deliveries.status, sql.raw("'pending'"))
  const isDue = lte(deliveries.nextAt, value(deliveries.nextAt, 'upTo'))
  const byId = eq(deliveries.id, value(deliveries.id, 'id'))
  const isOn = eq(webhooks.active, literal(dialect, true))
  const ofWebhook = eq(deliveries.webhookId, webhooks.id)
  const atRev = and(byId, eq(deliveries.rev, value(deliveries.rev, 'was')))
  const noted = (...further: Parameters<typeof and>) =>
    compile(
      q
        .update(deliveries)
        .set(placeholders(RESULT))
        .where(and(atRev, ...further)),
    )
  return {
    next: query<{ nextAt: Instant | null }>(
      q
        .select({ nextAt: deliveries.nextAt })
        .from(deliveries)
        .where(isPending)
        .orderBy(asc(deliveries.nextAt))
        .limit(sql.raw('1') as never),
    ),
    endpoints: query<Found>(
      q
        .select({
          id: webhooks.id,
          userId: readerColumn(webhooks.userId),
          failingSince: webhooks.failingSince,
        })
        .from(webhooks)
        .innerJoin(users, and(eq(users.id, webhooks.userId), isNull(users.deletedAt)))
        .where(
          and(
            isOn,
            exists(
              q
                .select({ one: sql`1` })
                .from(deliveries)
                .where(and(ofWebhook, isPending, isDue)),
            ),
          ),
        ),
    ),
    due: query<StoredDelivery>(
      q
        .select(deliveryShape(dialect))
        .from(deliveries)
        .where(
          and(eq(deliveries.webhookId, value(deliveries.webhookId, 'webhook')), isPending, isDue),
        )
        .orderBy(asc(deliveries.nextAt), asc(deliveries.id))
        .limit(sql.placeholder('limit')),
    ),
    claim: compile(
      q
        .update(deliveries)
        .set({
          ...placeholders<object>(['nextAt', 'rev', 'lastAttemptAt']),
          attempts: sql`${deliveries.attempts} + 1` as never,
        })
        .where(and(atRev, isPending)),
    ),
    webhook: query<Stored>(
      q
        .select(rowShape(dialect))
        .from(webhooks)
        .innerJoin(users, and(eq(users.id, webhooks.userId), isNull(users.deletedAt)))
        .where(and(eq(webhooks.id, value(webhooks.id, 'id')), isOn)),
    ),
    delivered: noted(),
    failed: noted(isPending),
  }
})

/** When the first delivery is due that waits. */
export const nextDue = async ({ db }: Pick<Ctx, 'db'>): Promise<Instant | undefined> =>
  (await db.one(statements(db).next))?.nextAt ?? undefined

/** Active endpoints with deliveries that are due. */
export const dueEndpoints = async ({ db }: Pick<Ctx, 'db'>, upTo: Instant): Promise<Endpoint[]> => {
  const found = await db.all(statements(db).endpoints, { upTo })
  return found.map(({ failingSince, ...one }) => ({ ...one, isFailing: failingSince !== null }))
}

/** Those of one endpoint that are due, the first ones. */
export const dueOf = (
  { db }: Pick<Ctx, 'db'>,
  webhook: string,
  { upTo, limit }: { readonly upTo: Instant; readonly limit: number },
): Promise<StoredDelivery[]> => db.all(statements(db).due, { webhook, upTo, limit })

/** An active endpoint of a user who is not gone. */
export const activeWebhook = ({ db }: Pick<Ctx, 'db'>, id: string): Promise<Stored | undefined> =>
  db.one(statements(db).webhook, { id })

/**
 * After so long an attempt that told nothing is taken to have ended with its process: three times as
 * long as one takes, and as much as clocks of processes differ.
 */
const CLAIMED_MS = 3 * SEND_MS + SKEW_MS

/** One delivery, as the process that has claimed it knows it. */
export type Claimed = StoredDelivery & { readonly lastAttemptAt: Instant }

/** Claims a delivery, once of all processes. Undefined where another one has it. */
export const claim = async (
  { db, ids }: Pick<Ctx, 'db' | 'ids'>,
  delivery: StoredDelivery,
  at: number,
): Promise<Claimed | undefined> => {
  const claimed = {
    ...delivery,
    rev: ids.next(),
    nextAt: instantOf(at + CLAIMED_MS),
    lastAttemptAt: instantOf(at),
    attempts: delivery.attempts + 1,
  }
  const { id, rev, nextAt, lastAttemptAt } = claimed
  const values = { id, was: delivery.rev, rev, nextAt, lastAttemptAt }
  const outcome = await db.atomic([write(statements(db).claim, values)], { mustTouch: [0] })
  return outcome === 'stale' ? undefined : claimed
}

export type Noted = {
  readonly status: DeliveryStatus
  readonly nextAt: Instant | null
  readonly responseStatus: number | null
  readonly responseExcerpt: string | null
  readonly error: string | null
  readonly durationMs: number
}

/**
 * Notes how an attempt went. Touches no row where another one has been claimed since, or, unless it
 * was delivered, where it does not wait any more.
 */
export const noteAttempt = ({ db }: Pick<Ctx, 'db'>, { id, rev }: Claimed, noted: Noted): Write => {
  const { delivered, failed } = statements(db)
  return write(noted.status === 'delivered' ? delivered : failed, { id, was: rev, ...noted })
}
