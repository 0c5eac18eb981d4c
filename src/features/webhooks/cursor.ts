// Endpoints whose users have made events since their cursors, and the events behind a cursor.
import { and, asc, eq, gt, isNull, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { type ReaderId, readerColumn } from '../../core/parties.ts'
import { canRead, forAllOrReader, ofAccountAmong } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { bySize, inMany, type Many } from '../../db/many-rows.ts'
import { literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  query,
  type Statement,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { newDelivery } from './delivery-row.ts'
import { MOST_PENDING, pendingOf } from './delivery-store.ts'

/** An endpoint, its cursor, and where its user's log is now. */
export type Grown = {
  readonly id: string
  readonly userId: ReaderId
  readonly eventTypes: readonly string[]
  readonly projectId: string | null
  readonly rev: string
  readonly seq: number
  readonly present: number
}

export type EventBehind = {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly projectId: string | null
}

/** Events that one batch makes deliveries of; more where one batch has made them. */
const MOST_EVENTS = 250
/** Values of a row that differ, or are the same and count: D1 takes 100 a statement. */
const ROWS = [1, 2, 4, 7] as const

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { webhooks, users, events, deliveries } = t
  const isActive = eq(webhooks.active, literal(dialect, true))
  const mayBeSeen = forAllOrReader(events.userId)
  const behind = (...further: (SQL | undefined)[]) =>
    canRead(events, gt(events.seq, value(events.seq, 'seq')), mayBeSeen, ...further)
  const event = {
    id: events.id,
    seq: events.seq,
    type: events.type,
    projectId: events.projectId,
  }
  const one = compile(q.insert(deliveries).values(everyColumn(deliveries)))
  const insert = (size: number): Statement<Many> => {
    const { text } = compile(q.insert(deliveries).values(Array(size).fill(everyColumn(deliveries))))
    return { text, bind: ({ rows }) => rows.flatMap((row) => one.bind(row)) }
  }
  return {
    grown: query<Grown>(
      q
        .select({
          id: webhooks.id,
          userId: readerColumn(webhooks.userId),
          eventTypes: webhooks.eventTypes,
          projectId: webhooks.projectId,
          rev: webhooks.rev,
          seq: webhooks.seq,
          present: sql<number>`${users.seq}`.as('present'),
        })
        .from(webhooks)
        .innerJoin(users, and(eq(users.id, webhooks.userId), isNull(users.deletedAt)))
        .where(
          and(
            isActive,
            gt(users.seq, webhooks.seq),
            sql`${pendingOf(dialect, webhooks.id)} < ${sql.raw(String(MOST_PENDING))}`,
          ),
        ),
    ),
    behind: query<EventBehind>(
      q
        .select(event)
        .from(events)
        .where(behind(lte(events.seq, value(events.seq, 'present'))))
        .orderBy(asc(events.seq), asc(events.id))
        .limit(sql.placeholder('limit')),
    ),
    all: query<EventBehind>(
      q
        .select(event)
        .from(events)
        .where(behind(lt(events.seq, value(events.seq, 'before')))),
    ),
    advance: compile(
      q
        .update(webhooks)
        .set({ seq: value(webhooks.seq, 'next') as never })
        .where(
          ofAccountAmong(
            webhooks.userId,
            eq(webhooks.id, value(webhooks.id, 'id')),
            eq(webhooks.seq, value(webhooks.seq, 'seq')),
            eq(webhooks.rev, value(webhooks.rev, 'rev')),
            isActive,
          ),
        ),
    ),
    insert: bySize(ROWS, insert),
  }
})

/** Active endpoints that lack deliveries of events, and do not have too many that wait. */
export const grownWebhooks = ({ db }: Pick<Ctx, 'db'>): Promise<Grown[]> =>
  db.all(statements(db).grown)

type Portion = {
  readonly events: readonly EventBehind[]
  /** Up to where the cursor goes: whole batches only, as its user sees them. */
  readonly next: number
}

/** The next events that its user sees, in the order of their batches. */
export const eventsBehind = async (
  { db }: Pick<Ctx, 'db'>,
  { userId, seq, present }: Grown,
): Promise<Portion> => {
  const { behind, all } = statements(db)
  const bound = { reader: userId, seq }
  const some = await db.all(behind, { ...bound, present, limit: MOST_EVENTS + 1 })
  if (some.length <= MOST_EVENTS) return { events: some, next: present }
  const last = (some.at(-1) as EventBehind).seq
  const whole = some.filter((event) => event.seq < last)
  if (whole.length > 0) return { events: whole, next: last - 1 }
  return { events: await db.all(all, { ...bound, before: last + 1 }), next: last }
}

/** Moves the cursor; touches no row where the endpoint or its cursor has changed. */
export const advanceCursor = (
  { db }: Pick<Ctx, 'db'>,
  { id, userId, seq, rev }: Grown,
  next: number,
): Write => write(statements(db).advance, { reader: userId, id, seq, rev, next })

/** The writes that make a delivery of each of these events. */
export const insertDeliveries = (
  { db, ids }: Pick<Ctx, 'db' | 'ids'>,
  webhookId: string,
  events: readonly EventBehind[],
  createdAt: Instant,
): Write[] => {
  const rows = events.map((event) =>
    newDelivery({
      id: ids.next(),
      webhookId,
      eventId: event.id,
      eventType: event.type,
      createdAt,
    }),
  )
  return inMany(statements(db).insert, rows)
}
