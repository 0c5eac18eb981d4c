// Reminders of all users whose time has come: how they are found, and claimed.
import { and, asc, eq, gt, gte, lte, or, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { groupBy } from '../../core/group-by.ts'
import { OPEN_LIST } from '../../core/open-statuses.ts'
import { ownerColumn, readerColumn } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { literal } from '../../db/portable.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import type { Row } from './row.ts'
import type { ReminderStatus } from './schemas.ts'

/** A reminder that waits, with what decides whether it fires, and who is told. */
export type Due = Pick<
  Row,
  'id' | 'userId' | 'taskId' | 'updatedAt' | 'ownerId' | 'projectId' | 'taskStatus' | 'trashed'
> & { readonly fireAt: Instant }

export type Place = { readonly fireAt: Instant; readonly id: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { reminders, tasks } = t
  const isPending = eq(reminders.status, sql.raw("'pending'"))
  const key = value(reminders.fireAt, 'fireAt')
  const open = sql`${tasks.status} in ${OPEN_LIST}`
  const isLive = sql`exists (select 1 from ${tasks} where ${eq(tasks.id, reminders.taskId)} and ${eq(tasks.trashed, literal(dialect, false))} and ${open})`
  const claimed = (live: boolean) =>
    compile(
      q
        .update(reminders)
        .set(placeholders(['status', 'firedAt', 'late', 'rev', 'updatedAt']))
        .where(
          ofAccount(
            reminders.userId,
            eq(reminders.id, value(reminders.id, 'id')),
            isPending,
            eq(reminders.fireAt, key),
            live ? isLive : sql`not ${isLive}`,
          ),
        ),
    )
  return {
    page: query<Due>(
      q
        .select({
          id: reminders.id,
          userId: readerColumn(reminders.userId),
          taskId: reminders.taskId,
          updatedAt: reminders.updatedAt,
          fireAt: sql<Instant>`${reminders.fireAt}`.mapWith(reminders.fireAt).as('fires_at'),
          ownerId: ownerColumn(tasks.ownerId),
          projectId: tasks.projectId,
          taskStatus: tasks.status,
          trashed: tasks.trashed,
        })
        .from(reminders)
        .innerJoin(tasks, eq(tasks.id, reminders.taskId))
        .where(
          and(
            isPending,
            gte(reminders.fireAt, key),
            lte(reminders.fireAt, value(reminders.fireAt, 'upTo')),
            or(gt(reminders.fireAt, key), gt(reminders.id, value(reminders.id, 'id'))),
          ),
        )
        .orderBy(asc(reminders.fireAt), asc(reminders.id))
        .limit(sql.placeholder('limit')),
    ),
    next: query<{ fireAt: Instant | null }>(
      q
        .select({ fireAt: reminders.fireAt })
        .from(reminders)
        .where(and(isPending, gt(reminders.fireAt, key)))
        .orderBy(asc(reminders.fireAt))
        .limit(sql.raw('1') as never),
    ),
    live: claimed(true),
    atRest: claimed(false),
  }
})

/** Reminders that wait, from behind `place` up to an instant, by their times. */
export const pageOfDue = (
  { db }: Pick<Ctx, 'db'>,
  place: Place,
  { upTo, limit }: { readonly upTo: Instant; readonly limit: number },
): Promise<Due[]> => db.all(statements(db).page, { ...place, upTo, limit })

/**
 * Reminders of one user that one batch decides about: the user's other writes wait for it, and D1
 * allows 50 statements a run on its free plan.
 */
const AT_ONCE = 8

/** In batches of one owner and one user, those that are due first at the beginning. */
export const batchesOf = (all: readonly Due[]): Due[][] =>
  [...groupBy(all, ({ ownerId, userId }) => `${ownerId} ${userId}`).values()].flatMap((own) =>
    slices(own, AT_ONCE),
  )

/** The first time behind `at` for which a reminder waits. */
export const nextTime = async (
  { db }: Pick<Ctx, 'db'>,
  at: Instant,
): Promise<Instant | undefined> =>
  (await db.one(statements(db).next, { fireAt: at }))?.fireAt ?? undefined

export type Outcome = {
  readonly status: Exclude<ReminderStatus, 'pending' | 'unscheduled'>
  readonly firedAt: Instant | null
  readonly late: boolean
  readonly rev: string
  readonly updatedAt: Instant
}

/**
 * The write that decides what becomes of a reminder, once of all processes: it touches no row where
 * it does not wait for this time any more. `cancelled` takes one whose task has come to rest, the
 * others one whose task is open.
 */
export const claim = (ctx: Ctx, { id, userId, fireAt }: Due, outcome: Outcome): Write => {
  const { live, atRest } = statements(ctx.db)
  const values = { reader: userId, id, fireAt, ...outcome }
  return write(outcome.status === 'cancelled' ? atRest : live, values)
}
