// The size of a user's texts in the database, in bytes of UTF-8. `users.bytes` is the sum.
import { eq, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { type Dialect, perDialect } from '../db/database.ts'
import { byteLength, listItems, literal } from '../db/portable.ts'
import { compile, query, type Statement, value, type Write, write } from '../db/statement.ts'
import type { Ctx } from './context.ts'
import { readLong } from './long-work.ts'
import { ownedByUser } from './visibility.ts'

const encoder = new TextEncoder()
/** Large enough for most texts. Its content is never read. */
const scratch = new Uint8Array(64 * 1024)

/** Bytes of a text in UTF-8. The text has no lone surrogates. */
export const utf8Length = (text: string): number => {
  const { read, written } = encoder.encodeInto(text, scratch)
  return read === text.length ? written : encoder.encode(text).byteLength
}

/** By how many bytes a changed text is longer. */
export const lengthened = (before: string, after: string): number =>
  before === after ? 0 : utf8Length(after) - utf8Length(before)

/** A label on a task is a row of two ids, besides the name in the row of the task. */
const LINK_BYTES = 72

/** The bytes of the labels on one task. */
export const labelsLength = (names: readonly string[]): number => {
  let bytes = 0
  for (const name of names) bytes += utf8Length(name) + LINK_BYTES
  return bytes
}

/** The bytes of the labels on the rows of `tasks`, in SQL. */
export const labelsOnTask = (dialect: Dialect): SQL => {
  const { item, from } = listItems(dialect, dialect.t.tasks.labels)
  return sql`(select coalesce(sum(${byteLength(item)} + ${sql.raw(String(LINK_BYTES))}), 0) from ${from})`
}

/** A blocker is a row of two ids, besides its id in the row of the task. */
const BLOCKER_BYTES = LINK_BYTES + 36

/** The bytes of the blockers of one task. */
export const blockersLength = (ids: readonly string[]): number => ids.length * BLOCKER_BYTES

const blockersOfTask = (dialect: Dialect): SQL => {
  const { from } = listItems(dialect, dialect.t.tasks.blockedBy)
  return sql`(select count(*) * ${sql.raw(String(BLOCKER_BYTES))} from ${from})`
}

/** What a reminder counts: a row of fixed size, and its entries in indexes. */
export const REMINDER_BYTES = 400

/** The bytes of the reminders of the rows of `tasks`, in SQL. */
const remindersOfTask = (dialect: Dialect): SQL => {
  const { reminders, tasks } = dialect.t
  return sql`(select count(*) from ${reminders} where ${eq(reminders.taskId, tasks.id)}) * ${sql.raw(String(REMINDER_BYTES))}`
}

/**
 * The bytes of the rows of `tasks`, in SQL: texts, their folded copies, what clients keep, labels,
 * blockers and reminders.
 */
export const taskBytes = (dialect: Dialect): SQL => {
  const { tasks } = dialect.t
  const texts = [tasks.title, tasks.titleKey, tasks.description, tasks.haystack].map(byteLength)
  const optional = [tasks.extra, tasks.recurrence, tasks.url, tasks.externalId].map(
    (text) => sql`coalesce(${byteLength(text)}, 0)`,
  )
  const ties = [labelsOnTask(dialect), blockersOfTask(dialect), remindersOfTask(dialect)]
  return sql.join([...texts, ...optional, ...ties], sql` + `)
}

/** An occurrence that is done is a row of wall clocks and ids, besides what undoing it needs. */
const OCCURRENCE_BYTES = 256
export const occurrenceLength = (undo: string): number => OCCURRENCE_BYTES + utf8Length(undo)
/** The bytes of the rows of `task_occurrences`, in SQL. */
export const occurrenceBytes = ({ t: { taskOccurrences } }: Dialect): SQL =>
  sql`${byteLength(taskOccurrences.undo)} + ${sql.raw(String(OCCURRENCE_BYTES))}`

const sumOf = (bytes: SQL, table: AnyMySqlTable, where: SQL | undefined): SQL =>
  sql`(select coalesce(sum(${bytes}), 0) from ${table} where ${where})`

/**
 * Adds the bytes of some rows of `table` to a user's bytes, or subtracts them. The user is the
 * placeholder `owner`. The batch has to hold the user's lock: a statement that waits for a lock
 * may read old rows.
 */
export const countRows = (
  { q, t: { users } }: Dialect,
  sign: '+' | '-',
  bytes: SQL,
  { table, where }: { readonly table: AnyMySqlTable; readonly where: SQL | undefined },
): Statement =>
  compile(
    q
      .update(users)
      .set({ bytes: sql`${users.bytes} ${sql.raw(sign)} ${sumOf(bytes, table, where)}` })
      .where(eq(users.id, value(users.id, 'owner'))),
  )

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { users, tasks, taskOccurrences, projects, labels, receipts, comments } = t
  const byId = eq(users.id, value(users.id, 'user'))
  const present = eq(projects.gone, literal(dialect, false))
  const sums = [
    sumOf(taskBytes(dialect), tasks, ownedByUser(tasks.ownerId, users.id)),
    sumOf(
      occurrenceBytes(dialect),
      taskOccurrences,
      ownedByUser(taskOccurrences.ownerId, users.id),
    ),
    sumOf(byteLength(projects.name), projects, ownedByUser(projects.ownerId, users.id, present)),
    sumOf(byteLength(labels.name), labels, ownedByUser(labels.ownerId, users.id)),
    sumOf(byteLength(comments.text), comments, ownedByUser(comments.ownerId, users.id)),
    sumOf(byteLength(receipts.body), receipts, ownedByUser(receipts.userId, users.id)),
  ]
  return {
    wrong: query<{ wrong: number }>(
      q
        .select({
          wrong:
            sql<number>`case when ${users.bytes} = ${sql.join(sums, sql` + `)} then 0 else 1 end`
              .mapWith(Number)
              .as('wrong'),
        })
        .from(users)
        .where(byId),
    ),
    lock: compile(
      q
        .update(users)
        .set({ bytes: sql`${users.bytes}` })
        .where(byId),
    ),
    recount: compile(
      q
        .update(users)
        .set({ bytes: sql.join(sums, sql` + `) })
        .where(byId),
    ),
  }
})

/**
 * Takes the lock that every change of this user's rows takes first. Touches no row if the user is
 * gone.
 */
export const lockUser = ({ db }: Pick<Ctx, 'db'>, user: string): Write =>
  write(statements(db).lock, { user })

/**
 * Counts the caller's bytes again if they are wrong. Returns whether they were. Adding them up does
 * not delay other requests.
 */
export const repairBytes = async (ctx: Ctx, user: string): Promise<boolean> => {
  const { rows } = await readLong(ctx, statements(ctx.db).wrong, { user })
  if (rows[0]?.wrong !== 1) return false
  await recountBytes(ctx, user)
  return true
}

/** Counts a user's bytes again, after a version that does not count bytes has changed rows. */
export const recountBytes = async ({ db }: Pick<Ctx, 'db'>, user: string): Promise<void> => {
  await db.atomic([lockUser({ db }, user), write(statements(db).recount, { user })])
}
