import { and, asc, gt, isNull, sql } from 'drizzle-orm'
import { type Ctx, type Interruptible, onBehalfOf } from '../../core/context.ts'
import { logFailedWork } from '../../core/failed-work.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { type Lease, LeaseLost } from '../../core/lease.ts'
import { perDialect } from '../../db/database.ts'
import { isSuperseded } from '../../db/portable.ts'
import { query, value } from '../../db/statement.ts'

/** Users that are looked at together. */
const PAGE = 500

/**
 * A user, the number of the last change, and up to which one everything is known to be as this
 * version writes it.
 */
export type Standing = { readonly id: string; readonly seq: number; readonly checkedSeq: number }

const behind = perDialect(({ q, t: { users } }) =>
  query<Standing>(
    q
      .select({ id: users.id, seq: users.seq, checkedSeq: users.checkedSeq })
      .from(users)
      .where(and(gt(users.id, value(users.id, 'after')), isNull(users.deletedAt)))
      .orderBy(asc(users.id))
      .limit(sql.placeholder('limit')),
  ),
)

/** `lease`: where the work runs under one, which is renewed on the way. */
export type SystemContext = Omit<Ctx, 'actor'> & { readonly lease?: Lease } & Interruptible
type Act<C extends SystemContext> = (ctx: ReturnType<typeof onBehalfOf<C>>) => Promise<unknown>

/**
 * Does `act` for these users in turn, and renews the lease, if there is one. One user's failure is
 * logged as `failure` and keeps no other waiting. Throws Superseded, LeaseLost, and what fails while
 * the process ends: then nothing can be done for the others, either.
 */
export const forUsers = async <C extends SystemContext>(
  ctx: C,
  ids: readonly string[],
  { act, failure }: { act: Act<C>; failure: string },
): Promise<void> => {
  for (const id of ids)
    try {
      await ctx.lease?.beat()
      await act(onBehalfOf(ctx, id))
    } catch (error) {
      if (isSuperseded(error) || error instanceof LeaseLost || ctx.signal?.aborted) throw error
      logFailedWork(ctx, failure, { user_id: id, error })
    }
}

type Each<C extends SystemContext> = {
  readonly act: Act<C>
  readonly failure: string
  readonly wanted?: (user: Standing) => boolean
}

/** The same for each user, or for those that are `wanted`. */
export const forEachUser = async <C extends SystemContext>(
  ctx: C,
  { wanted = () => true, ...each }: Each<C>,
): Promise<void> => {
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const page: Standing[] = await ctx.db.all(behind(ctx.db), { after, limit: PAGE })
    const ids = page.filter(wanted).map(({ id }) => id)
    await forUsers(ctx, ids, each)
    after = page.length < PAGE ? undefined : page.at(-1)?.id
  }
}
