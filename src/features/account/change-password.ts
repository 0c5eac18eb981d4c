import { DomainError } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { commit } from '../../core/unit-of-work.ts'
import type { AccountCtx } from './context.ts'
import { expectPassword, refuseWeak, replacePassword } from './password.ts'
import { HASH_POINTS } from './passwords/passwords.ts'
import type { PasswordChange } from './schemas.ts'

/**
 * Changes the password. All other sessions end, all API keys are
 * deleted. Throws `invalid`, `write_conflict`, `unavailable`.
 */
export const changePassword = async (
  ctx: AccountCtx,
  { current_password, new_password }: PasswordChange,
): Promise<void> => {
  const { actor, credentials } = ctx
  const user = await expectPassword(ctx, ['current_password'], current_password)
  await refuseWeak('new_password', new_password, user.email)
  ctx.charge?.(HASH_POINTS)
  const newHash = await credentials.passwords.hash(new_password, ctx.passwordQueueKey)
  const present = actor.kind === 'session' ? actor.sessionId : undefined
  const outcome = await commit(ctx, {
    parties: ownAccount(ctx),
    writes: replacePassword(ctx, user, newHash, present),
    mustTouch: [0],
    result: 'changed' as const,
  })
  if (outcome === 'stale')
    throw new DomainError(
      'write_conflict',
      'The password was changed elsewhere at the same moment.',
    )
  await credentials.forget()
}
