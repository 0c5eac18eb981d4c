// The rows of a user, as the deletion of the account deletes them.
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { type Ctx, now } from '../../core/context.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { compile, query, value, type Write, write } from '../../db/statement.ts'
import { OWN_ISSUER } from './users.ts'

type Rows = { readonly table: AnyMySqlTable; readonly key: AnyMySqlColumn; readonly own: SQL }

/**
 * Rows of a user in one table: how they are found, and deleted some at a time. A key that is not
 * the row's alone (`shared`) is looked for among the user's own.
 */
const rowsIn = (
  { q }: Dialect,
  { table, key, own }: Rows,
  { from = sql`${table}`, shared = false } = {},
) => {
  const some = sql`select ${key} as row_key from ${from} where ${own} limit ${sql.placeholder('limit')}`
  // Wrapped, because MySQL takes no LIMIT in an IN.
  const chunk = sql`${key} in (select row_key from (${some}) as chunk)`
  return {
    some,
    any: query<{ found: number }>(
      q
        .select({ found: sql<number>`1`.as('found') })
        .from(from)
        .where(own)
        .limit(sql.raw('1') as never),
    ),
    remove: compile(q.delete(table).where(shared ? and(own, chunk) : chunk)),
  }
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const {
    users,
    tasks,
    comments,
    taskOccurrences,
    labels,
    projects,
    changes,
    receipts,
    refreshTokens,
    sessions,
    apiKeys,
    identities,
    bulkParents,
    reminders,
    events,
    webhooks,
    deliveries,
    importPieces,
    importRows,
    importNotes,
  } = t
  const own = (column: AnyMySqlColumn) => sql`${eq(column, value(column, 'user'))}`
  const tokens = sql`${refreshTokens} inner join ${sessions} on ${eq(sessions.id, refreshTokens.sessionId)}`
  const sent = sql`${deliveries} inner join ${webhooks} on ${eq(webhooks.id, deliveries.webhookId)}`
  const ofUser = {
    changes: rowsIn(
      dialect,
      { table: changes, key: changes.entityId, own: own(changes.readerId) },
      { shared: true },
    ),
    receipts: rowsIn(dialect, { table: receipts, key: receipts.scope, own: own(receipts.userId) }),
    events: rowsIn(dialect, { table: events, key: events.id, own: own(events.ownerId) }),
    deliveries: rowsIn(
      dialect,
      { table: deliveries, key: deliveries.id, own: own(webhooks.userId) },
      { from: sent },
    ),
    tokens: rowsIn(
      dialect,
      { table: refreshTokens, key: refreshTokens.hash, own: own(sessions.userId) },
      { from: tokens },
    ),
  }
  const countOf = ({ some }: { some: SQL }) => sql`(select count(*) from (${some}) as counted)`
  const byId = eq(users.id, value(users.id, 'user'))
  return {
    /** In an order in which no row takes many others along. */
    tables: [
      rowsIn(dialect, { table: comments, key: comments.id, own: own(comments.ownerId) }),
      rowsIn(dialect, { table: reminders, key: reminders.id, own: own(reminders.userId) }),
      ofUser.events,
      ofUser.deliveries,
      rowsIn(dialect, { table: webhooks, key: webhooks.id, own: own(webhooks.userId) }),
      rowsIn(dialect, {
        table: taskOccurrences,
        key: taskOccurrences.id,
        own: own(taskOccurrences.ownerId),
      }),
      rowsIn(dialect, { table: tasks, key: tasks.id, own: own(tasks.ownerId) }),
      rowsIn(dialect, { table: labels, key: labels.id, own: own(labels.ownerId) }),
      rowsIn(dialect, { table: projects, key: projects.id, own: own(projects.ownerId) }),
      ofUser.changes,
      ofUser.receipts,
      ofUser.tokens,
      rowsIn(dialect, { table: sessions, key: sessions.id, own: own(sessions.userId) }),
      rowsIn(dialect, { table: apiKeys, key: apiKeys.id, own: own(apiKeys.userId) }),
      rowsIn(
        dialect,
        { table: bulkParents, key: bulkParents.taskId, own: own(bulkParents.userId) },
        { shared: true },
      ),
      ...[importPieces, importRows, importNotes].map((table) =>
        rowsIn(dialect, { table, key: table.number, own: own(table.userId) }, { shared: true }),
      ),
    ],
    count: query<{ n: number }>(
      q
        .select({
          n: sql<number>`${countOf(ofUser.changes)} + ${countOf(ofUser.receipts)} + ${countOf(ofUser.events)} + ${countOf(ofUser.deliveries)} + ${countOf(ofUser.tokens)}`
            .mapWith(Number)
            .as('n'),
        })
        .from(users)
        .where(byId),
    ),
    close: compile(
      q
        .update(users)
        .set({
          deletedAt: value(users.deletedAt, 'at') as never,
          issuer: value(users.issuer, 'issuer') as never,
          subject: value(users.subject, 'subject') as never,
          email: null,
          emailShown: null,
          passwordHash: null,
        })
        .where(and(byId, isNull(users.deletedAt))),
    ),
    dropIdentities: compile(q.delete(identities).where(own(identities.userId))),
    removeUser: compile(q.delete(users).where(byId)),
  }
})

/**
 * Has the caller more rows than one batch may delete? Each task has a row in the change log, each
 * session a token.
 */
export const isLarge = async (ctx: Ctx): Promise<boolean> => {
  const limit = chunkRows(ctx)
  const { n = 0 } =
    (await ctx.db.one(statements(ctx.db).count, { user: ctx.actor.userId, limit: limit + 1 })) ?? {}
  return n > limit
}

/** Deletes a user and, by foreign keys, everything of theirs. */
export const removeUser = (ctx: Pick<Ctx, 'db'>, user: string): Write =>
  write(statements(ctx.db).removeUser, { user })

/**
 * Makes an account one that nothing signs in to, whose names are free for others. The first write
 * touches no row where it is gone, or was closed before.
 */
export const closeAccount = (ctx: Ctx, user: string): Write[] => {
  const { close, dropIdentities } = statements(ctx.db)
  return [
    write(close, { user, at: now(ctx), issuer: OWN_ISSUER, subject: user }),
    write(dropIdentities, { user }),
  ]
}

/**
 * Deletes a chunk of a closed account, from table number `table` on; without `left` it deletes the
 * user, as the last one.
 */
export const removalChunk = async (
  ctx: Ctx,
  user: string,
  table: number,
): Promise<{ writes: Write[]; left?: number }> => {
  const { tables } = statements(ctx.db)
  for (const [at, { any, remove }] of tables.entries())
    if (at >= table && (await ctx.db.one(any, { user })))
      return { writes: [write(remove, { user, limit: chunkRows(ctx) })], left: at }
  return { writes: [removeUser(ctx, user)] }
}
