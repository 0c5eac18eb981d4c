import { allow } from '../../core/access.ts'
import { DomainError } from '../../core/errors.ts'
import type { AccountCtx } from './context.ts'
import { prove } from './prove.ts'
import type { Proof } from './schemas.ts'
import { removeUser } from './store.ts'

/** Deletes the caller and everything of theirs, for good. Throws `invalid` (the proof), `contended`, `unavailable`. */
export const deleteMe = async (ctx: AccountCtx, proof: Proof): Promise<void> => {
  allow(ctx.actor, 'deleteMe')
  const { user, guard } = await prove(ctx, proof)
  const outcome = await ctx.db.atomic([guard, removeUser(ctx, user.id)], { mustTouch: [0, 1] })
  if (outcome === 'stale')
    throw new DomainError('contended', 'The password was changed, or the code used, at the same moment. Nothing was deleted.')
  await ctx.identity.forget()
}
