import { allow } from '../../core/access.ts'
import { DomainError, invalid } from '../../core/errors.ts'
import { identityOwner } from '../../identity/identities.ts'
import { openSignInCode } from '../../identity/sign-in-codes.ts'
import type { AccountCtx } from './context.ts'
import { expectPassword } from './password.ts'
import type { AccountDeletion, CodeRedemption } from './schemas.ts'
import { removeUser, removeVerifiedUser } from './store.ts'

/**
 * Deletes the caller and everything of theirs, for good: with the password, or with a code of a sign-in just now. Throws
 * `invalid`, `contended`, `unavailable`.
 */
export const deleteMe = async (ctx: AccountCtx, { password, code = '', verifier = '' }: AccountDeletion): Promise<void> => {
  allow(ctx.actor, 'deleteMe')
  if (password === undefined) await deleteByCode(ctx, { code, verifier })
  else await deleteByPassword(ctx, password)
  ctx.identity.forget()
}

const deleteByPassword = async (ctx: AccountCtx, password: string): Promise<void> => {
  const { id, passwordHash } = await expectPassword(ctx, 'password', password)
  const outcome = await ctx.db.atomic([removeVerifiedUser(ctx, id, passwordHash)], { mustTouch: [0] })
  if (outcome === 'stale') throw new DomainError('contended', 'The password was changed at the same moment. Nothing was deleted.')
}

const deleteByCode = async (ctx: AccountCtx, redemption: CodeRedemption): Promise<void> => {
  const { claims, spend } = await openSignInCode(ctx, redemption)
  const { userId } = ctx.actor
  if ((await identityOwner(ctx, claims)) !== userId)
    throw invalid({ at: ['code'], code: 'other_user', detail: 'This sign-in was not with an identity of this account.' })
  const outcome = await ctx.db.atomic([removeUser(ctx, userId), spend], { mustTouch: [0, 1] })
  if (outcome === 'stale') throw new DomainError('contended', 'The code was used at the same moment. Nothing was deleted.')
}
