import { retryingInChunks } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { ownAccount, readerIdOf } from '../../core/parties.ts'
import { isUnchanged, patched } from '../../core/patch.ts'
import { followSettings } from '../reminders/index.ts'
import { userUpdated } from './happened.ts'
import type { User, UserPatch } from './schemas.ts'
import { findUser, setProfile } from './store.ts'
import { withKnownZone, withoutSecret } from './user.ts'

/**
 * Changes the caller's name, time zone and clock for reminders; what the patch does not name stays
 * (RFC 7396). The reminders follow, in chunks where they are many. Throws `write_conflict`.
 */
export const updateMe = (ctx: Ctx, patch: UserPatch): Promise<User> => {
  return retryingInChunks(ctx, async () => {
    const stored = await findUser(ctx, ctx.actor.userId)
    if (!stored) throw accountGone()
    // As it is stored: a time zone that only another runtime knows stays, unless it is named.
    const user = withoutSecret(stored)
    const changed = patched<User>(user, patch)
    const result = withKnownZone(changed)
    if (isUnchanged(user, changed)) return { unchanged: result }
    const { time_zone: timeZone, reminder_time: reminderTime } = changed
    const moves = timeZone !== user.time_zone || reminderTime !== user.reminder_time
    const reminders = moves ? await followSettings(ctx, { timeZone, reminderTime }) : undefined
    return {
      parties: ownAccount(ctx),
      writes: [setProfile(ctx, user, changed), ...(reminders?.writes ?? [])],
      changes: [
        { entity: 'user', id: user.id, event: userUpdated(readerIdOf(ctx), user, changed) },
        ...(reminders?.changes ?? []),
      ],
      mustTouch: [0, ...(reminders?.writes.map((_, i) => i + 1) ?? [])],
      bulk: reminders?.bulk,
      result,
    }
  })
}
