import { DomainError, notFound } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { type Plan, retrying } from '../../core/unit-of-work.ts'
import type { AccountCtx } from './context.ts'
import {
  findIdentity,
  holdIdentity,
  pageOfIdentities,
  removeIdentity,
} from './openid/identities.ts'
import type { Proof } from './openid/schemas.ts'
import { prove } from './reauthenticate.ts'
import { disownUser } from './users.ts'

type Unlinking = { readonly id: string; readonly proof: Proof }

/**
 * Takes an identity off the caller's account, unless nothing else signs in to it: neither a sign-in
 * with it nor a token of its issuer is the caller's any more. Throws `not_found`, `invalid` (the
 * proof), `last_sign_in`, `write_conflict`.
 */
export const unlinkIdentity = async (ctx: AccountCtx, unlinking: Unlinking): Promise<void> => {
  await retrying(ctx, () => decide(ctx, unlinking))
  await ctx.credentials.forget()
}

const decide = async (ctx: AccountCtx, { id, proof }: Unlinking): Promise<Plan<void>> => {
  const identity = await findIdentity(ctx, id)
  if (!identity) throw notFound('identity')
  const { user, guard } = await prove(ctx, proof)
  const parties = ownAccount(ctx)
  const leave = [removeIdentity(ctx, id), disownUser(ctx, user.id, identity)]
  if (user.passwordHash !== null)
    return { parties, writes: [guard, ...leave], mustTouch: [0, 1], result: undefined }
  const other = (await pageOfIdentities(ctx, 2, undefined)).find((one) => one.id !== id)
  if (!other)
    throw new DomainError(
      'last_sign_in',
      'Nothing else signs in to this account. Link another identity first.',
    )
  return {
    parties,
    writes: [guard, holdIdentity(ctx, other.id), ...leave],
    mustTouch: [0, 1, 2],
    result: undefined,
  }
}
