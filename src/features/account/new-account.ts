import { type Ctx, now, onBehalfOf } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { fold } from '../../core/text.ts'
import { isUniqueViolation } from '../../db/portable.ts'
import type { Write } from '../../db/statement.ts'
import type { AccountCtx } from './context.ts'
import { refuseWeak } from './password.ts'
import type { Passwords } from './passwords/passwords.ts'
import type { Registration, User } from './schemas.ts'
import { findByEmail } from './store.ts'
import { newUserWrites, OWN_ISSUER, REMINDER_TIME } from './users.ts'

const emailTaken = (): DomainError =>
  new DomainError('email_taken', 'There is an account of this e-mail address.', [
    { at: ['email'], code: 'taken', detail: 'There is an account of this e-mail address.' },
  ])

const MAX_NAME = 120
/** What a user is called who has said no name. */
export const nameInEmail = (email: string): string =>
  [...email.slice(0, email.indexOf('@')).normalize('NFC')].slice(0, MAX_NAME).join('')

type NewAccount = {
  readonly user: User
  readonly passwordHash: string
  readonly writes: readonly Write[]
}

/**
 * An account with a password and its inbox, to be kept by `keepAccount`. Throws `invalid`,
 * `email_taken`, `unavailable`.
 */
export const newAccount = async (
  ctx: Omit<Ctx, 'actor'> & Pick<AccountCtx, 'passwordQueueKey'>,
  passwords: Passwords,
  { email: emailShown, password, name = nameInEmail(emailShown), time_zone }: Registration,
): Promise<NewAccount> => {
  await refuseWeak('password', password, emailShown)
  const email = fold(emailShown)
  if (await findByEmail(ctx, emailShown)) throw emailTaken()
  const [id, createdAt] = [ctx.ids.next(), now(ctx)]
  const passwordHash = await passwords.hash(password, ctx.passwordQueueKey)
  const row = {
    issuer: OWN_ISSUER,
    subject: id,
    email,
    emailShown,
    passwordHash,
    name,
    timeZone: time_zone,
  }
  return {
    user: {
      id,
      email: emailShown,
      name,
      time_zone,
      reminder_time: REMINDER_TIME,
      created_at: createdAt,
    },
    passwordHash,
    writes: newUserWrites(onBehalfOf(ctx, id), row, createdAt),
  }
}

/**
 * Writes an account, and what belongs to it. Throws `email_taken` where another request was faster.
 */
export const keepAccount = async (
  { db }: Pick<Ctx, 'db'>,
  writes: readonly Write[],
): Promise<void> => {
  try {
    await db.atomic(writes, { grows: true })
  } catch (error) {
    throw isUniqueViolation(error) ? emailTaken() : error
  }
}
