import { DomainError } from '../../core/errors.ts'
import type { AccountCtx } from './context.ts'
import type { Tokens } from './credentials/credentials.ts'
import { refreshSession } from './credentials/sessions.ts'
import type { Refresh } from './schemas.ts'

/**
 * Spends a refresh token for the next tokens. Throws `unauthenticated`; for a reused token, the
 * session has ended then.
 */
export const refresh = async (ctx: AccountCtx, { refresh_token }: Refresh): Promise<Tokens> => {
  const signIn = await refreshSession(ctx, refresh_token, ctx.admit)
  if (signIn !== 'reused') return ctx.credentials.issueTokens(signIn)
  await ctx.credentials.forget()
  throw new DomainError(
    'unauthenticated',
    'This refresh token was used before, so its session was ended. Sign in again.',
  )
}
