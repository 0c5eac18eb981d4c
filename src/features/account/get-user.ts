import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import type { User } from './schemas.ts'
import { findUser } from './store.ts'
import { shown } from './user.ts'

/** The caller, without what changes with everything that the caller does. */
export const getUser = async (ctx: Ctx): Promise<User> => {
  const found = await findUser(ctx, ctx.actor.userId)
  if (!found) throw accountGone()
  return shown(found)
}
