// The instant of a deletion is what tells it from others: restoring a task brings back what is below
// it and was deleted at the same instant. So each deletion of several tasks has an instant of its own.
import { eq, type SQL, sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { literal } from '../db/portable.ts'
import { compile, query, value, type Write, write } from '../db/statement.ts'
import { after, type Ctx, now } from './context.ts'
import type { OwnerId } from './parties.ts'
import { ownedBy } from './visibility.ts'

/** Deletions of so many milliseconds from now on are looked at: each is one later than the last. */
const AHEAD_MS = 1_000

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, users } = t
  /** A deletion changes a task: the index of changes finds it. */
  const deleted = (...which: SQL[]) =>
    ownedBy(
      tasks.ownerId,
      sql`${tasks.trashed} = ${literal(dialect, true)}`,
      sql`${tasks.updatedAt} >= ${value(tasks.updatedAt, 'since')}`,
      ...which,
    )
  return {
    last: query<{ at: Instant | null }>(
      q
        .select({
          at: sql<Instant>`max(${tasks.deletedAt})`.mapWith(tasks.deletedAt).as('last_at'),
        })
        .from(tasks)
        .where(
          deleted(
            sql`${tasks.deletedAt} >= ${value(tasks.deletedAt, 'from')}`,
            sql`${tasks.deletedAt} <= ${value(tasks.deletedAt, 'upTo')}`,
          ),
        ),
    ),
    expect: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${eq(users.id, value(users.id, 'owner'))} and not exists (select 1 from ${tasks} where ${deleted(sql`${tasks.deletedAt} = ${value(tasks.deletedAt, 'at')}`)})`,
        ),
    ),
  }
})

export type Deletion = {
  readonly at: Instant
  /** Touches no row where another deletion of the owner took the instant. Before all that trashes. */
  readonly guard: Write
}

/**
 * An instant, now or a little later, at which nothing of the owner was deleted. Where a clock was set
 * back, what was deleted before lies ahead, a second of it after the other.
 */
export const newDeletion = async (ctx: Ctx, owner: OwnerId): Promise<Deletion> => {
  const began = now(ctx)
  const since = instantOf(Date.parse(began) - AHEAD_MS)
  let from = began
  for (;;) {
    const upTo = instantOf(Date.parse(from) + AHEAD_MS)
    const last = (await ctx.db.one(statements(ctx.db).last, { owner, since, from, upTo }))?.at
    const at = last ? after(last, from) : from
    if (at <= upTo) return { at, guard: write(statements(ctx.db).expect, { owner, since, at }) }
    from = at
  }
}
