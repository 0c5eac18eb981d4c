import { now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { fold } from '../../core/text.ts'
import { isUniqueViolation } from '../../db/portable.ts'
import { newSession } from '../../identity/sessions.ts'
import { newUserWrites, OWN_ISSUER, onBehalfOf } from '../../identity/users.ts'
import { closed } from './closed.ts'
import type { AccountCtx } from './context.ts'
import { refuseWeak } from './password.ts'
import type { Registration, SignedIn } from './schemas.ts'
import { findByEmail } from './store.ts'

const emailTaken = (): DomainError =>
  new DomainError('email_taken', 'There is an account of this e-mail address.', [
    { at: ['email'], code: 'taken', detail: 'There is an account of this e-mail address.' },
  ])

const MAX_NAME = 120
const nameIn = (email: string): string => [...email.slice(0, email.indexOf('@'))].slice(0, MAX_NAME).join('')

/** Makes an account with its inbox, and signs in. Throws `closed`, `invalid`, `email_taken`, `unavailable`. */
export const register = async (ctx: AccountCtx, input: Registration & { readonly userAgent: string | undefined }): Promise<SignedIn> => {
  if (ctx.registration === 'closed') throw closed()
  const { email: emailShown, password, name = nameIn(emailShown), time_zone, userAgent } = input
  refuseWeak('password', password, emailShown)
  const email = fold(emailShown)
  if (await findByEmail(ctx, email)) throw emailTaken()

  const id = ctx.ids.next()
  const passwordHash = await ctx.identity.passwords.hash(password)
  const user = { issuer: OWN_ISSUER, subject: id, email, emailShown, passwordHash, name, timeZone: time_zone }
  const session = await newSession(ctx, { userId: id, userAgent })
  const createdAt = now(ctx)
  try {
    await ctx.db.atomic([...newUserWrites(onBehalfOf(ctx, id), user, createdAt), ...session.writes])
  } catch (error) {
    throw isUniqueViolation(error) ? emailTaken() : error
  }
  const tokens = await ctx.identity.issueTokens(session.signIn)
  return { ...tokens, user: { id, email: emailShown, name, time_zone, created_at: createdAt } }
}
