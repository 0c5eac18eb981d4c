import { DomainError } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { AccountCtx } from './context.ts'
import { shownIdentity } from './identity.ts'
import { findIdentityNamed, holdIdentity, keepIdentity, newIdentity } from './openid/identities.ts'
import type { IdentityLink, LinkedIdentity } from './openid/schemas.ts'
import { openSignInCode } from './openid/sign-in-codes.ts'
import { prove } from './reauthenticate.ts'
import { ownerOf } from './users.ts'

/**
 * Spends a one-time code: whom it speaks of can sign in as the caller from now on, and so for good,
 * which takes proof that the owner asks. Nothing changes where they already could. Throws `invalid`
 * (code, proof), `identity_taken`, `write_conflict`.
 */
export const linkIdentity = (
  ctx: AccountCtx,
  { proof, ...redemption }: IdentityLink,
): Promise<LinkedIdentity> => {
  return retrying(ctx, async () => {
    const { user, guard } = await prove(ctx, proof, ['proof'])
    const { claims, spend } = await openSignInCode(ctx, 'link', redemption)
    const owner = await ownerOf(ctx, claims)
    if (owner && owner.userId !== user.id)
      throw new DomainError(
        'identity_taken',
        'There is another account that this identity signs in to.',
      )
    const known = await findIdentityNamed(ctx, claims)
    const identity = known ?? newIdentity(ctx, claims)
    const write = known ? holdIdentity(ctx, known.id) : keepIdentity(ctx, user.id, identity)
    return {
      parties: ownAccount(ctx),
      writes: [guard, spend, write],
      mustTouch: [0, 1, 2],
      result: shownIdentity(identity),
    }
  })
}
