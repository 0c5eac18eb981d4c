import type { AccountCtx } from './context.ts'
import type { OpenIdClaims } from './openid/openid.ts'
import type { Flow } from './openid/openid-flow.ts'
import { newSignInCode } from './openid/sign-in-codes.ts'
import { closed } from './registration-closed.ts'
import { ownerOf } from './users.ts'

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
