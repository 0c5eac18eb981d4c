import { and, asc, gt, isNull, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { perDialect } from '../../db/database.ts'
import { isSuperseded } from '../../db/portable.ts'
import { query, value } from '../../db/statement.ts'
import { onBehalfOf } from '../../identity/users.ts'

const USERS = 200

const behind = perDialect(({ q, t: { users } }) =>
  query<{ id: string }>(
    q
      .select({ id: users.id })
      .from(users)
      .where(and(gt(users.id, value(users.id, 'after')), isNull(users.deletedAt)))
      .orderBy(asc(users.id))
      .limit(sql.placeholder('limit')),
  ),
)

/** Does `act` for each user in turn. One user's failure is logged as `failure` and keeps no other waiting. */
export const forEachUser = async (ctx: Ctx, failure: string, act: (ctx: Ctx) => Promise<void>): Promise<void> => {
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const page: { id: string }[] = await ctx.db.all(behind(ctx.db), { after, limit: USERS })
    for (const { id } of page)
      await act(onBehalfOf(ctx, id)).catch((error: unknown) => {
        if (isSuperseded(error)) throw error
        ctx.log.error(failure, { user_id: id, error })
      })
    after = page.at(-1)?.id
  }
}
