import { DomainError } from '../../core/errors.ts'
import type { OpenIdClaims } from '../../identity/openid.ts'
import type { Flow } from '../../identity/openid-flow.ts'
import { newSignInCode } from '../../identity/sign-in-codes.ts'
import { ownerOf } from '../../identity/users.ts'
import type { AccountCtx } from './context.ts'

/** A one-time code for whoever opened the sign-in that `claims` came back from. Throws `closed`. */
export const issueCode = async (
  ctx: Omit<AccountCtx, 'actor'>,
  { claims, flow }: { readonly claims: OpenIdClaims; readonly flow: Pick<Flow, 'challenge' | 'purpose'> },
): Promise<string> => {
  if (ctx.registration === 'closed' && flow.purpose === 'sign-in' && !(await ownerOf(ctx, claims)))
    throw new DomainError('closed', 'This server takes no new accounts.')
  return newSignInCode(ctx, claims, flow)
}
