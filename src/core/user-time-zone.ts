import { eq } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { perDatabase, perDialect } from '../db/database.ts'
import { query, value } from '../db/statement.ts'
import { isWithin } from './clock.ts'
import type { Ctx } from './context.ts'
import { type OwnerId, type ReaderId, readerIdOf } from './parties.ts'
import { storedZone } from './time-zones.ts'

const zone = perDialect(({ q, t: { users } }) =>
  query<{ timeZone: string }>(
    q
      .select({ timeZone: users.timeZone })
      .from(users)
      .where(eq(users.id, value(users.id, 'id'))),
  ),
)

/** The caller's time zone. It decides which floating times and days are past. */
export const timeZoneOf = (ctx: Ctx): Promise<string> => userZone(ctx, readerIdOf(ctx))

/** The time zone of the user who sees or owns something. */
export const userZone = async (
  { db }: Pick<Ctx, 'db'>,
  id: ReaderId | OwnerId,
): Promise<string> => {
  const user = await db.one(zone(db), { id })
  return storedZone(user?.timeZone ?? 'UTC')
}

const owned = perDialect(({ q, t: { users } }) =>
  query<{ taskCount: number }>(
    q
      .select({ taskCount: users.taskCount })
      .from(users)
      .where(eq(users.id, value(users.id, 'id'))),
  ),
)

const MAX_USERS = 10_000
/** How long a count is used. In that time no user makes so many tasks that it matters. */
const COUNT_KEPT_MS = 30_000
type Count = { readonly tasks: number; readonly at: number }
const countsOf = perDatabase(
  () => new LRUCache<string, Count>({ maxSize: MAX_USERS, sizeCalculation: () => 1 }),
)

/** About how many tasks the caller owns, trash included. */
export const ownedTasks = async (ctx: Ctx): Promise<number> => {
  const [counts, user, now] = [countsOf(ctx.db), readerIdOf(ctx), ctx.clock.now()]
  const known = counts.get(user)
  if (known && isWithin(COUNT_KEPT_MS, known.at, now)) return known.tasks
  const { taskCount: tasks = 0 } = (await ctx.db.one(owned(ctx.db), { id: user })) ?? {}
  counts.set(user, { tasks, at: now })
  return tasks
}
