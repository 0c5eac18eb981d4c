import { DomainError } from '../../core/errors.ts'
import { fold } from '../../core/text.ts'
import { newSession } from '../../identity/sessions.ts'
import type { AccountCtx } from './context.ts'
import type { Login, SignedIn } from './schemas.ts'
import { findByEmail, setPasswordHash } from './store.ts'
import { shown } from './user.ts'

const wrong = (): DomainError => new DomainError('credentials', 'The e-mail address and the password do not belong together.')

/** Signs in, at the same cost whether or not the account exists. Throws `credentials`, `unavailable`. */
export const login = async (
  ctx: AccountCtx,
  { email, password, userAgent }: Login & { readonly userAgent: string | undefined },
): Promise<SignedIn> => {
  const { passwords } = ctx.identity
  const user = await findByEmail(ctx, fold(email))
  const verified = user?.passwordHash
  const right = await passwords.verify(password, verified)
  if (!right || !user || !verified) throw wrong()

  const session = await newSession(ctx, { userId: user.id, userAgent })
  const passwordHash = passwords.needsRehash(verified) ? await passwords.hash(password) : verified
  // Written even where it stays: a password that was changed meanwhile opens no session.
  const outcome = await ctx.db.atomic([setPasswordHash(ctx, user.id, verified, passwordHash), ...session.writes], { mustTouch: [0] })
  if (outcome === 'stale') throw wrong()
  return { ...(await ctx.identity.issueTokens(session.signIn)), user: shown(user) }
}
