import type { OpenIdClaims } from '../../identity/openid.ts'
import type { Flow } from '../../identity/openid-flow.ts'
import { newSignInCode } from '../../identity/sign-in-codes.ts'
import { ownerOf } from '../../identity/users.ts'
import type { AccountCtx } from './context.ts'
import { closed } from './registration-closed.ts'

/**
 * A one-time code for the client that opened the sign-in that `claims` came back from. Throws
 * `registration_closed`.
 */
export const issueCode = async (
  ctx: Omit<AccountCtx, 'actor'>,
  {
    claims,
    flow,
  }: { readonly claims: OpenIdClaims; readonly flow: Pick<Flow, 'challenge' | 'purpose'> },
): Promise<string> => {
  if (ctx.registration === 'closed' && flow.purpose === 'sign-in' && !(await ownerOf(ctx, claims)))
    throw closed()
  return newSignInCode(ctx, claims, flow)
}
