import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { User, UserPatch } from './schemas.ts'
import { findUser, setProfile } from './store.ts'
import { withKnownZone, withoutSecret } from './user.ts'

/** Changes the caller's name and time zone; what the patch does not name stays (RFC 7396). */
export const updateMe = (ctx: Ctx, patch: UserPatch): Promise<User> => {
  return retrying(ctx, async () => {
    const stored = await findUser(ctx, ctx.actor.userId)
    if (!stored) throw accountGone()
    // As it is stored: a time zone that only another runtime knows stays, unless it is named.
    const user = withoutSecret(stored)
    const changed = patched<User>(user, patch)
    const result = withKnownZone(changed)
    if (isUnchanged(user, changed)) return { unchanged: result }
    return { parties: ownAccount(ctx), writes: [setProfile(ctx, changed)], result }
  })
}
