import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { User, UserPatch } from './schemas.ts'
import { findUser, setProfile } from './store.ts'
import { shown } from './user.ts'

/** Changes the caller's name and time zone; what the patch does not name stays (RFC 7396). */
export const updateMe = (ctx: Ctx, patch: UserPatch): Promise<User> => {
  return retrying(ctx, async () => {
    const stored = await findUser(ctx, ctx.actor.userId)
    if (!stored) throw accountGone()
    const user = shown(stored)
    const result = patched<User>(user, patch)
    if (isUnchanged(user, result)) return { unchanged: user }
    return { parties: ownAccount(ctx), writes: [setProfile(ctx, result)], result }
  })
}
