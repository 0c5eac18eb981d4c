import { desc, eq, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { seqOf } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount, ofAccountAmong } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { laterInstant, literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { rowShape, type Stored } from './row.ts'
import { type DisabledReason, MAX_WEBHOOKS } from './schemas.ts'

const UPDATED = [
  'url',
  'description',
  'eventTypes',
  'projectId',
  'secret',
  'previousSecret',
  'previousUntil',
  'active',
  'disabledReason',
  'disabledAt',
  'failingSince',
  'rev',
  'updatedAt',
] as const

const statements = perDialect((dialect: Dialect) => {
  const { q, t } = dialect
  const { webhooks, users } = t
  const own = (...further: (SQL | undefined)[]) => ofAccount(webhooks.userId, ...further)
  const byId = eq(webhooks.id, value(webhooks.id, 'id'))
  const page = (...seek: SQL[]) =>
    query<Stored>(
      q
        .select(rowShape(dialect))
        .from(webhooks)
        .where(own(...seek))
        .orderBy(desc(webhooks.id))
        .limit(sql.placeholder('limit')),
    )
  const count = sql<number>`(select count(*) from ${webhooks} where ${own()})`
  const seq = seqOf(dialect, 'reader')
  const atRev = own(byId, eq(webhooks.rev, value(webhooks.rev, 'was')))
  const updated = (more: object) =>
    compile(
      q
        .update(webhooks)
        .set({ ...placeholders<object>(UPDATED), ...more })
        .where(atRev),
    )
  // By the service itself, at any revision.
  const byService = (set: Record<string, unknown>, ...further: SQL[]) =>
    compile(
      q
        .update(webhooks)
        .set({
          ...set,
          ...placeholders<object>(['rev']),
          updatedAt: laterInstant(dialect, value(webhooks.updatedAt, 'at'), webhooks.updatedAt),
        } as never)
        .where(ofAccountAmong(webhooks.userId, byId, ...further)),
    )
  return {
    byId: query<Stored>(q.select(rowShape(dialect)).from(webhooks).where(own(byId))),
    first: page(),
    after: page(lt(webhooks.id, value(webhooks.id, 'after'))),
    /** Touches no row where the user has as many as one may have. */
    room: compile(
      q
        .update(users)
        .set({ seq: sql`${users.seq}` })
        .where(ofAccount(users.id, sql`${count} < ${sql.raw(String(MAX_WEBHOOKS))}`)),
    ),
    insert: compile(q.insert(webhooks).values({ ...everyColumn(webhooks), seq } as never)),
    update: updated({}),
    /** From now on it is told: what happened before is not. */
    activate: updated({ seq }),
    hold: compile(
      q
        .update(webhooks)
        .set({ rev: sql`${webhooks.rev}` })
        .where(atRev),
    ),
    remove: compile(q.delete(webhooks).where(atRev)),
    failing: byService({ failingSince: sql.placeholder('at') }, isNull(webhooks.failingSince)),
    working: byService({ failingSince: null }, isNotNull(webhooks.failingSince)),
    disable: byService(
      {
        active: literal(dialect, false),
        disabledReason: sql.placeholder('reason'),
        disabledAt: sql.placeholder('at'),
      },
      eq(webhooks.active, literal(dialect, true)),
      eq(webhooks.url, value(webhooks.url, 'url')),
    ),
  }
})

export const findWebhook = (ctx: Ctx, id: string): Promise<Stored | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

/** The caller's, newest first, from behind `place`. */
export const pageOfWebhooks = (ctx: Ctx, limit: number, place?: Place): Promise<Stored[]> => {
  const { first, after } = statements(ctx.db)
  return ctx.db.all(place ? after : first, { reader: readerIdOf(ctx), limit, after: place?.id })
}

/** The writes of a new one. The first touches no row where the user has as many as one may have. */
export const insertWebhook = (ctx: Ctx, row: Stored): Write[] => {
  const { room, insert } = statements(ctx.db)
  const reader = readerIdOf(ctx)
  return [write(room, { reader }), write(insert, { ...row, reader })]
}

/** Touches no row when it is no longer at the revision of `before`. */
export const updateWebhookRow = (ctx: Ctx, before: Stored, after: Stored): Write => {
  const { update, activate } = statements(ctx.db)
  const values = { ...after, reader: readerIdOf(ctx), was: before.rev }
  return write(after.active && !before.active ? activate : update, values)
}

/** Touches no row when it is no longer at this revision. */
export const holdWebhook = (ctx: Ctx, { id, rev }: Stored): Write =>
  write(statements(ctx.db).hold, { reader: readerIdOf(ctx), id, was: rev })

/** The same. Its deliveries go with it. */
export const removeWebhook = (ctx: Ctx, { id, rev }: Stored): Write =>
  write(statements(ctx.db).remove, { reader: readerIdOf(ctx), id, was: rev })

type Noted = { readonly id: string; readonly at: Instant }
const noted = (ctx: Ctx, { id, at }: Noted) => ({
  reader: readerIdOf(ctx),
  id,
  at,
  rev: ctx.ids.next(),
})

/** Notes since when it fails, where that was not noted. */
export const noteFailing = (ctx: Ctx, given: Noted): Write =>
  write(statements(ctx.db).failing, noted(ctx, given))

/** Notes that it does not fail any more. */
export const noteWorking = (ctx: Ctx, given: Noted): Write =>
  write(statements(ctx.db).working, noted(ctx, given))

/** Switches it off, where it is on and still at this address. */
export const disableWebhook = (
  ctx: Ctx,
  given: Noted & { readonly reason: DisabledReason; readonly url: string },
): Write => {
  const { reason, url } = given
  return write(statements(ctx.db).disable, { ...noted(ctx, given), reason, url })
}
