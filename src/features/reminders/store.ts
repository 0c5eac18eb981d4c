import { and, asc, eq, gt, gte, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { REMINDER_BYTES } from '../../core/stored-bytes.ts'
import { canReadAmong, ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  placeholders,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Settings } from './fire-at.ts'
import { type Row, rowShape, type Stored, toStored } from './row.ts'
import type { State } from './state.ts'
import { settingsHold } from './target.ts'

type Seek = {
  readonly from?: Instant
  readonly until?: Instant
  readonly firedSince?: Instant
  readonly key?: Instant
}

const UPDATED = ['trigger', 'fireAt', 'status', 'firedAt', 'late', 'rev', 'updatedAt'] as const

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { reminders, tasks, users } = t
  const rows = () =>
    q
      .select(rowShape(dialect))
      .from(reminders)
      .innerJoin(tasks, canReadAmong(tasks, eq(tasks.id, reminders.taskId)))
      .innerJoin(users, eq(users.id, reminders.userId))
  const own = (...further: (SQL | undefined)[]) => ofAccount(reminders.userId, ...further)
  const byId = eq(reminders.id, value(reminders.id, 'id'))
  const fireAt = reminders.fireAt
  const key = value(fireAt, 'key')
  const page = (names: readonly (keyof Seek)[]) => {
    const seek: Record<keyof Seek, SQL> = {
      from: gte(fireAt, value(fireAt, 'from')),
      until: lt(fireAt, value(fireAt, 'until')),
      firedSince: gte(reminders.firedAt, value(reminders.firedAt, 'firedSince')),
      key: and(gte(fireAt, key), or(gt(fireAt, key), gt(reminders.id, value(reminders.id, 'id')))),
    } as Record<keyof Seek, SQL>
    return query<Row>(
      rows()
        .where(own(sql`${fireAt} is not null`, ...names.map((name) => seek[name])))
        .orderBy(asc(fireAt), asc(reminders.id))
        .limit(sql.placeholder('limit')),
    )
  }
  const pages = new Map<string, ReturnType<typeof page>>()
  const atRev = own(byId, eq(reminders.rev, value(reminders.rev, 'was')))
  return {
    byId: query<Row>(rows().where(own(byId))),
    ofTask: query<Row>(
      rows()
        .where(own(eq(reminders.taskId, value(reminders.taskId, 'task'))))
        .orderBy(asc(reminders.id)),
    ),
    ofTasks: perSlots((slots) =>
      query<Row>(
        rows().where(sql`${reminders.taskId} in ${listOf(reminders.taskId, 'task', slots)}`),
      ),
    ),
    ownOfTasks: perSlots((slots) =>
      query<Row>(
        rows()
          .where(own(sql`${reminders.taskId} in ${listOf(reminders.taskId, 'task', slots)}`))
          .orderBy(asc(reminders.id)),
      ),
    ),
    pending: query<Row>(
      rows()
        .where(
          own(
            eq(reminders.status, sql.raw("'pending'")),
            gt(reminders.id, value(reminders.id, 'after')),
          ),
        )
        .orderBy(asc(reminders.id))
        .limit(sql.placeholder('limit')),
    ),
    all: query<Row>(
      rows()
        .where(own(gt(reminders.id, value(reminders.id, 'after'))))
        .orderBy(asc(reminders.id))
        .limit(sql.placeholder('limit')),
    ),
    page: (names: readonly (keyof Seek)[]) => {
      const name = names.join(' ')
      const made = pages.get(name) ?? page(names)
      pages.set(name, made)
      return made
    },
    insert: compile(q.insert(reminders).values(everyColumn(reminders))),
    update: compile(q.update(reminders).set(placeholders(UPDATED)).where(atRev)),
    reschedule: compile(
      q
        .update(reminders)
        .set(placeholders(UPDATED))
        .where(and(atRev, settingsHold(dialect, sql`${reminders.userId}`))),
    ),
    remove: compile(q.delete(reminders).where(atRev)),
  }
})

export const findReminder = async (ctx: Ctx, id: string): Promise<Stored | undefined> => {
  const found = await ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })
  return found && toStored(found)
}

/** The caller's reminders of a task. */
export const remindersOfTask = async (ctx: Ctx, task: string): Promise<Stored[]> =>
  (await ctx.db.all(statements(ctx.db).ofTask, { reader: readerIdOf(ctx), task })).map(toStored)

/** Every user's reminders of these tasks, which the caller may change. */
export const remindersOfTasks = async (ctx: Ctx, tasks: readonly string[]): Promise<Stored[]> => {
  const values = { reader: readerIdOf(ctx), ...fillList('task', tasks) }
  return (await ctx.db.all(statements(ctx.db).ofTasks(slotsFor(tasks.length)), values)).map(
    toStored,
  )
}

/** The caller's reminders of these tasks, 64 at most. */
export const ownRemindersOfTasks = async (
  ctx: Ctx,
  tasks: readonly string[],
): Promise<Stored[]> => {
  const values = { reader: readerIdOf(ctx), ...fillList('task', tasks) }
  return (await ctx.db.all(statements(ctx.db).ownOfTasks(slotsFor(tasks.length)), values)).map(
    toStored,
  )
}

/** The caller's reminders that have a time, by that. */
export const pageOfReminders = async (
  ctx: Ctx,
  limit: number,
  { id, ...seek }: Seek & { readonly id?: string | undefined },
): Promise<Stored[]> => {
  const names = (['from', 'until', 'firedSince', 'key'] as const).filter(
    (name) => seek[name] !== undefined,
  )
  const values = { reader: readerIdOf(ctx), limit, ...seek, ...(id !== undefined && { id }) }
  return (await ctx.db.all(statements(ctx.db).page(names), values)).map(toStored)
}

type Behind = { readonly after: string; readonly limit: number }
/** The caller's reminders that wait for their time, by id. */
export const pendingReminders = async (ctx: Ctx, behind: Behind): Promise<Stored[]> =>
  (await ctx.db.all(statements(ctx.db).pending, { reader: readerIdOf(ctx), ...behind })).map(
    toStored,
  )

/** All of the caller's, by id. */
export const allReminders = async (ctx: Ctx, behind: Behind): Promise<Stored[]> =>
  (await ctx.db.all(statements(ctx.db).all, { reader: readerIdOf(ctx), ...behind })).map(toStored)

const noteAlarm = (ctx: Ctx, { status, fireAt }: State): void => {
  if (status === 'pending' && fireAt !== null) ctx.alarm?.note(fireAt)
}

export type NewRow = State & {
  readonly id: string
  readonly taskId: string
  readonly rev: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export const insertReminder = (ctx: Ctx, row: NewRow): Write => {
  noteAlarm(ctx, row)
  return write(statements(ctx.db).insert, { ...row, userId: readerIdOf(ctx) }, REMINDER_BYTES)
}

/** Touches no row when the reminder is no longer at the revision of `before`. */
export const writeReminder = (ctx: Ctx, before: Stored, after: Stored): Write => {
  noteAlarm(ctx, after)
  return write(statements(ctx.db).update, updatedValues(before, after))
}

/** The same, and none when its user's settings are no longer `settings`. */
export const rescheduleReminder = (
  ctx: Ctx,
  before: Stored,
  after: Stored,
  { timeZone, reminderTime }: Settings,
): Write => {
  noteAlarm(ctx, after)
  const values = { ...updatedValues(before, after), timeZone, reminderTime }
  return write(statements(ctx.db).reschedule, values)
}

const updatedValues = (before: Stored, after: Stored) => ({
  reader: before.userId,
  id: before.id,
  was: before.rev,
  trigger: after.trigger,
  fireAt: after.fireAt,
  status: after.status,
  firedAt: after.firedAt,
  late: after.late,
  rev: after.rev,
  updatedAt: after.updatedAt,
})

export const removeReminder = (ctx: Ctx, reminder: Stored): Write =>
  write(
    statements(ctx.db).remove,
    { reader: reminder.userId, id: reminder.id, was: reminder.rev },
    -REMINDER_BYTES,
  )
