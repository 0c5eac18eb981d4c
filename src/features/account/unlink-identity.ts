import { allow } from '../../core/access.ts'
import { retrying } from '../../core/commit.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { findIdentity, holdIdentity, pageOfIdentities, removeIdentity } from '../../identity/identities.ts'
import { accountGone } from './password.ts'
import { findUser } from './store.ts'

/** Takes an identity off the caller's account, unless nothing else signs in to it. Throws `not_found`, `last_sign_in`, `contended`. */
export const unlinkIdentity = (ctx: Ctx, { id }: { readonly id: string }): Promise<void> => {
  allow(ctx.actor, 'unlinkIdentity')
  return retrying(ctx, async () => {
    const user = await findUser(ctx, ctx.actor.userId)
    if (!user) throw accountGone()
    if (!(await findIdentity(ctx, id))) throw notFound('identity')
    if (user.passwordHash !== null) return { writes: [removeIdentity(ctx, id)], mustTouch: [0], result: undefined }
    const other = (await pageOfIdentities(ctx, 2, undefined)).find((identity) => identity.id !== id)
    if (!other) throw new DomainError('last_sign_in', 'Nothing else signs in to this account. Link another identity first.')
    return { writes: [holdIdentity(ctx, other.id), removeIdentity(ctx, id)], mustTouch: [0, 1], result: undefined }
  })
}
