import { finishInTime } from '../../core/bulk.ts'
import { DomainError } from '../../core/errors.ts'
import { accountIdOf } from '../../core/parties.ts'
import type { AccountCtx } from './context.ts'
import type { Proof } from './openid/schemas.ts'
import { prove } from './reauthenticate.ts'
import { removeAccount } from './remove-account.ts'

/**
 * Deletes the caller and everything of theirs, for good. Throws `invalid` (the proof),
 * `write_conflict`, `unavailable`.
 */
export const deleteMe = async (ctx: AccountCtx, proof: Proof): Promise<void> => {
  const { guard } = await prove(ctx, proof)
  const outcome = await removeAccount(ctx, [guard])
  if (outcome === 'stale')
    throw new DomainError(
      'write_conflict',
      'The password was changed, or the code used, at the same moment. Nothing was deleted.',
    )
  await ctx.credentials.forget()
  if (outcome === 'begun') await finishInTime(ctx, accountIdOf(ctx))
}
