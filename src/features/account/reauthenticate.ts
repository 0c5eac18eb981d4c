import { accountGone, invalid } from '../../core/errors.ts'
import type { Write } from '../../db/statement.ts'
import type { AccountCtx } from './context.ts'
import { identityOwner } from './openid/identities.ts'
import type { Proof } from './openid/schemas.ts'
import { openSignInCode } from './openid/sign-in-codes.ts'
import { expectPassword } from './password.ts'
import { findUser, setPasswordHash, type UserWithPassword } from './store.ts'

/** An account whose owner is asking. */
type Proven = {
  readonly user: UserWithPassword
  /**
   * Belongs into the batch of what was proven for, and has to touch a row: else the proof holds no
   * more.
   */
  readonly guard: Write
}

/**
 * The caller's account, once it is proven that its owner asks: by the password where it has one,
 * else by a sign-in just now with one of its identities. A code never stands in for a password.
 * Throws `invalid`, naming fields below `at`.
 */
export const prove = async (
  ctx: AccountCtx,
  { password, code = '', verifier = '' }: Proof,
  at: readonly string[] = [],
): Promise<Proven> => {
  if (password !== undefined) {
    const user = await expectPassword(ctx, [...at, 'password'], password)
    return { user, guard: setPasswordHash(ctx, user.id, user.passwordHash, user.passwordHash) }
  }
  const user = await findUser(ctx, ctx.actor.userId)
  if (!user) throw accountGone()
  if (user.passwordHash !== null)
    throw invalid({
      at: [...at, 'password'],
      code: 'required',
      detail: 'This account has a password, which is required here.',
    })
  const { claims, spend } = await openSignInCode(ctx, 'prove', { code, verifier }, at)
  if ((await identityOwner(ctx, claims)) !== user.id)
    throw invalid({
      at: [...at, 'code'],
      code: 'other_user',
      detail: 'This sign-in was not with an identity of this account.',
    })
  return { user, guard: spend }
}
