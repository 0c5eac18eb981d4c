import { allow } from '../../core/access.ts'
import { retrying } from '../../core/commit.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { findIdentity, holdIdentity, pageOfIdentities, removeIdentity } from '../../identity/identities.ts'
import type { AccountCtx } from './context.ts'
import { prove } from './prove.ts'
import type { Proof } from './schemas.ts'

/**
 * Takes an identity off the caller's account, unless nothing else signs in to it. Throws `not_found`, `invalid` (the proof),
 * `last_sign_in`, `contended`.
 */
export const unlinkIdentity = (ctx: AccountCtx, { id, proof }: { readonly id: string; readonly proof: Proof }): Promise<void> => {
  allow(ctx.actor, 'unlinkIdentity')
  return retrying(ctx, async () => {
    if (!(await findIdentity(ctx, id))) throw notFound('identity')
    const { user, guard } = await prove(ctx, proof)
    if (user.passwordHash !== null) return { writes: [guard, removeIdentity(ctx, id)], mustTouch: [0, 1], result: undefined }
    const other = (await pageOfIdentities(ctx, 2, undefined)).find((identity) => identity.id !== id)
    if (!other) throw new DomainError('last_sign_in', 'Nothing else signs in to this account. Link another identity first.')
    return { writes: [guard, holdIdentity(ctx, other.id), removeIdentity(ctx, id)], mustTouch: [0, 1, 2], result: undefined }
  })
}
