import { DomainError } from '../../core/errors.ts'
import type { AccountCtx } from './context.ts'
import { newSession } from './credentials/sessions.ts'
import { HASH_POINTS } from './passwords/passwords.ts'
import type { Login, SignedIn } from './schemas.ts'
import { findByEmail, setPasswordHash } from './store.ts'
import { shown } from './user.ts'

const wrong = (): DomainError =>
  new DomainError(
    'invalid_credentials',
    'The e-mail address and the password do not belong together.',
  )

/**
 * Signs in, at the same cost whether or not the account exists. `device_token` is one that an
 * earlier sign-in on this device answered with; any other text is as good as none. Throws
 * `invalid_credentials`, `unavailable`, and what `ctx.admit` throws.
 */
export const login = async (
  ctx: AccountCtx,
  {
    email,
    password,
    device_token = '',
    userAgent,
  }: Login & { readonly userAgent: string | undefined },
): Promise<SignedIn> => {
  const { passwords, deviceTokens } = ctx.credentials
  const user = await findByEmail(ctx, email)
  const verified = user?.passwordHash
  const device = await deviceTokens.deviceOf(device_token, user)
  const queueKey = device === undefined ? ctx.passwordQueueKey : { known: `device ${device}` }
  const right = await passwords.verify(password, verified, queueKey)
  if (!right || !user || !verified) throw wrong()
  ctx.admit?.(user.id, HASH_POINTS)

  const session = await newSession(ctx, { userId: user.id, userAgent })
  const passwordHash = passwords.needsRehash(verified)
    ? await passwords.hash(password, queueKey)
    : verified
  // Written even where it stays: a password that was changed meanwhile opens no session.
  const outcome = await ctx.db.atomic(
    [setPasswordHash(ctx, user.id, verified, passwordHash), ...session.writes],
    { mustTouch: [0] },
  )
  if (outcome === 'stale') throw wrong()
  if (outcome[1] !== 0) await ctx.credentials.forget() // another session has ended
  const marked = await deviceTokens.issue({ id: user.id, passwordHash }, device)
  return {
    ...(await ctx.credentials.issueTokens(session.signIn)),
    device_token: marked,
    user: shown(user),
  }
}
