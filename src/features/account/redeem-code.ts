import { now, onBehalfOf, renewMoment } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { isForeignKeyViolation, isUniqueViolation } from '../../db/portable.ts'
import type { Write } from '../../db/statement.ts'
import type { AccountCtx } from './context.ts'
import { newSession } from './credentials/sessions.ts'
import { keepIdentity, newIdentity, useIdentity } from './openid/identities.ts'
import type { OpenIdClaims } from './openid/openid.ts'
import type { CodeRedemption } from './openid/schemas.ts'
import { openSignInCode } from './openid/sign-in-codes.ts'
import { closed } from './registration-closed.ts'
import type { SignedIn, User } from './schemas.ts'
import { findUser } from './store.ts'
import { shown } from './user.ts'
import { newUserWrites, OWN_ISSUER, ownerOf, REMINDER_TIME } from './users.ts'

const ATTEMPTS = 5

/**
 * Spends a one-time code: signs in whom it speaks of, and makes them an account where they have
 * none. Throws `invalid` (the code), `registration_closed`, `write_conflict`.
 */
export const redeemCode = async (
  ctx: AccountCtx,
  input: CodeRedemption & { readonly userAgent: string | undefined },
): Promise<SignedIn> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    renewMoment(ctx)
    const { claims, spend } = await openSignInCode(ctx, 'sign-in', input)
    const { user, passwordHash, before, after } = await accountOf(ctx, claims)
    const session = await newSession(ctx, { userId: user.id, userAgent: input.userAgent })
    const writes = [...before, ...session.writes, spend, after]
    try {
      const outcome = await ctx.db.atomic(writes, {
        mustTouch: [writes.length - 2, writes.length - 1],
        grows: before.length > 0,
      })
      if (outcome === 'stale') continue
      if (outcome[before.length] !== 0) await ctx.credentials.forget() // another session has ended
      const { issueTokens, deviceTokens } = ctx.credentials
      return {
        ...(await issueTokens(session.signIn)),
        device_token: await deviceTokens.issue({ id: user.id, passwordHash }),
        user,
      }
    } catch (error) {
      // Another request made this account, or deleted it, at the same moment.
      if (!isUniqueViolation(error) && !isForeignKeyViolation(error)) throw error
    }
  }
  throw new DomainError(
    'write_conflict',
    'This account is being changed elsewhere at the same moment. Try again.',
  )
}

/**
 * The user, the writes that make them where they are new, and the one that keeps or holds their
 * identity.
 */
type Account = {
  readonly user: User
  readonly passwordHash: string | null
  readonly before: readonly Write[]
  readonly after: Write
}

const accountOf = async (ctx: AccountCtx, claims: OpenIdClaims): Promise<Account> => {
  const owner = await ownerOf(ctx, claims)
  const known = owner && (await findUser(ctx, owner.userId))
  if (!owner || !known) return newAccount(ctx, claims)
  const after = owner.kept
    ? useIdentity(ctx, owner.userId, claims)
    : keepIdentity(ctx, owner.userId, newIdentity(ctx, claims))
  return { user: shown(known), passwordHash: known.passwordHash, before: [], after }
}

/** An account like one with a password, but without one. */
const newAccount = (ctx: AccountCtx, claims: OpenIdClaims): Account => {
  if (ctx.registration === 'closed') throw closed()
  const [id, createdAt] = [ctx.ids.next(), now(ctx)]
  const { name } = claims
  const row = {
    issuer: OWN_ISSUER,
    subject: id,
    email: null,
    emailShown: null,
    passwordHash: null,
    name,
    timeZone: 'UTC',
  }
  return {
    user: {
      id,
      email: null,
      name,
      time_zone: 'UTC',
      reminder_time: REMINDER_TIME,
      created_at: createdAt,
    },
    passwordHash: null,
    before: newUserWrites(onBehalfOf(ctx, id), row, createdAt),
    after: keepIdentity(ctx, id, newIdentity(ctx, claims)),
  }
}
