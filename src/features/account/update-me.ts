import { allow } from '../../core/access.ts'
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { User, UserPatch } from './schemas.ts'
import { findUser, setProfile } from './store.ts'
import { shown } from './user.ts'

/** Changes the caller's name and time zone; what the patch does not name stays (RFC 7396). */
export const updateMe = (ctx: Ctx, patch: UserPatch): Promise<User> => {
  allow(ctx.actor, 'updateMe')
  return retrying(ctx, async () => {
    const stored = await findUser(ctx, ctx.actor.userId)
    if (!stored) throw accountGone()
    const user = shown(stored)
    const { name = user.name, time_zone = user.time_zone } = patch
    if (name === user.name && time_zone === user.time_zone) return { unchanged: user }
    const result = { ...user, name, time_zone }
    return { parties: ownAccount(ctx), writes: [setProfile(ctx, result)], result }
  })
}
