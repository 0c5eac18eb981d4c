import { allow } from '../../core/access.ts'
import { runningBulk } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import type { Me } from './schemas.ts'
import { findUser } from './store.ts'
import { shown } from './user.ts'

/** The caller, with what a request has begun and is not done yet. */
export const getMe = async (ctx: Ctx): Promise<Me> => {
  allow(ctx.actor, 'getMe')
  const [user, running] = await Promise.all([findUser(ctx, ctx.actor.userId), runningBulk(ctx)])
  if (!user) throw accountGone()
  const shownRunning = running && { kind: running.kind, id: running.targetId, since: running.createdAt }
  return { ...shown(user), running: shownRunning ? [shownRunning] : [] }
}
