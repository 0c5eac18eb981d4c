import type { AccountCtx } from './context.ts'
import { newSession } from './credentials/sessions.ts'
import { keepAccount, newAccount } from './new-account.ts'
import { closed } from './registration-closed.ts'
import type { Registration, SignedIn } from './schemas.ts'

/**
 * Makes an account with its inbox, and signs in. Throws `registration_closed`, `invalid`,
 * `email_taken`, `unavailable`.
 */
export const register = async (
  ctx: AccountCtx,
  { userAgent, ...registration }: Registration & { readonly userAgent: string | undefined },
): Promise<SignedIn> => {
  if (ctx.registration === 'closed') throw closed()
  const { user, passwordHash, writes } = await newAccount(
    ctx,
    ctx.credentials.passwords,
    registration,
  )
  const session = await newSession(ctx, { userId: user.id, userAgent })
  await keepAccount(ctx, [...writes, ...session.writes])
  const { issueTokens, deviceTokens } = ctx.credentials
  return {
    ...(await issueTokens(session.signIn)),
    device_token: await deviceTokens.issue({ id: user.id, passwordHash }),
    user,
  }
}
