import { eq } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { query, value } from '../db/statement.ts'
import type { Ctx } from './context.ts'

const zone = perDialect(({ q, t: { users } }) =>
  query<{ timeZone: string }>(
    q
      .select({ timeZone: users.timeZone })
      .from(users)
      .where(eq(users.id, value(users.id, 'id'))),
  ),
)

/** The caller's time zone: in whose terms floating times and days are past. */
export const timeZoneOf = async (ctx: Ctx): Promise<string> => (await ctx.db.one(zone(ctx.db), { id: ctx.actor.userId }))?.timeZone ?? 'UTC'
