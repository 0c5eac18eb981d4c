import { allow } from '../../core/access.ts'
import { DomainError } from '../../core/errors.ts'
import type { AccountCtx } from './context.ts'
import { expectPassword } from './password.ts'
import type { AccountDeletion } from './schemas.ts'
import { removeUser } from './store.ts'

/** Deletes the caller and everything of theirs, for good. Throws `invalid`, `contended`, `unavailable`. */
export const deleteMe = async (ctx: AccountCtx, { password }: AccountDeletion): Promise<void> => {
  allow(ctx.actor, 'deleteMe')
  const { id, passwordHash } = await expectPassword(ctx, 'password', password)
  const outcome = await ctx.db.atomic([removeUser(ctx, id, passwordHash)], { mustTouch: [0] })
  if (outcome === 'stale') throw new DomainError('contended', 'The password was changed at the same moment. Nothing was deleted.')
  ctx.identity.forget()
}
