import { allow } from '../../core/access.ts'
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import type { User } from './schemas.ts'
import { findUser } from './store.ts'
import { shown } from './user.ts'

/** The caller. */
export const getMe = async (ctx: Ctx): Promise<User> => {
  allow(ctx.actor, 'getMe')
  const user = await findUser(ctx, ctx.actor.userId)
  if (!user) throw accountGone()
  return shown(user)
}
