import { allow } from '../../core/access.ts'
import { retrying } from '../../core/commit.ts'
import { DomainError } from '../../core/errors.ts'
import { findIdentityNamed, holdIdentity, keepIdentity, newIdentity } from '../../identity/identities.ts'
import { openSignInCode } from '../../identity/sign-in-codes.ts'
import { ownerOf } from '../../identity/users.ts'
import type { AccountCtx } from './context.ts'
import { shownIdentity } from './identity.ts'
import type { CodeRedemption, LinkedIdentity } from './schemas.ts'

/**
 * Spends a one-time code: whom it speaks of can sign in as the caller from now on. Nothing changes where they already
 * could. Throws `invalid` (the code), `identity_taken`, `contended`.
 */
export const linkIdentity = (ctx: AccountCtx, input: CodeRedemption): Promise<LinkedIdentity> => {
  allow(ctx.actor, 'linkIdentity')
  return retrying(ctx, async () => {
    const { claims, spend } = await openSignInCode(ctx, input)
    const { userId } = ctx.actor
    const owner = await ownerOf(ctx, claims)
    if (owner && owner.userId !== userId)
      throw new DomainError('identity_taken', 'There is another account that this identity signs in to.')
    const known = await findIdentityNamed(ctx, claims)
    const identity = known ?? newIdentity(ctx, claims)
    const write = known ? holdIdentity(ctx, known.id) : keepIdentity(ctx, userId, identity)
    return { writes: [spend, write], mustTouch: [0, 1], result: shownIdentity(identity) }
  })
}
