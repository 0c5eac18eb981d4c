// Users of another backend, whose tasks are brought here: for the operator, never for a request.
import { type Ctx, now, onBehalfOf } from '../../core/context.ts'
import { DomainError, invalid } from '../../core/errors.ts'
import { fold } from '../../core/text.ts'
import { isUniqueViolation } from '../../db/portable.ts'
import type { Credentials } from './credentials/credentials.ts'
import { nameOf, subjectIn } from './credentials/subject.ts'
import { nameInEmail } from './new-account.ts'
import { Registration } from './schemas.ts'
import { findByEmail, findUserWithCounts } from './store.ts'
import { findExternalUser, findOrCreateUser, newUserWrites, OWN_ISSUER } from './users.ts'

/**
 * Who a user is here: the account of an e-mail address, or whom the tokens of an issuer call
 * `subject`. `name` is what the user is called there.
 */
export type ImportedUser = { readonly name: unknown } & (
  | { readonly email: string }
  | { readonly issuer: string; readonly subject: unknown }
)

type ImportCtx = Omit<Ctx, 'actor'> & {
  readonly credentials: Pick<Credentials, 'externalBySub'>
}

/** Throws `invalid` for what is no address. */
const addressIn = (given: string): string => {
  const parsed = Registration.shape.email.safeParse(given)
  if (parsed.success) return parsed.data
  const detail = parsed.error.issues[0]?.message ?? 'This is no e-mail address.'
  throw invalid({ at: ['email'], code: 'email', detail })
}

/** Throws `invalid` (an unfit address), `unauthenticated` (an unfit subject). */
export const expectFit = (user: ImportedUser): void => {
  if ('email' in user) addressIn(user.email)
  else subjectIn(user.subject)
}

/** A user who is here, how many tasks that account has, and whether it has a password. */
export type PresentUser = {
  readonly id: string
  readonly tasks: number
  readonly hasPassword: boolean
}

/** Throws `invalid` (an unfit address), `unauthenticated` (an unfit subject). */
export const findImportedUser = async (
  ctx: ImportCtx,
  user: ImportedUser,
): Promise<PresentUser | undefined> => {
  const id =
    'email' in user
      ? (await findByEmail(ctx, addressIn(user.email)))?.id
      : await findExternalUser(ctx, { issuer: user.issuer, subject: subjectIn(user.subject) })
  const found = id === undefined ? undefined : await findUserWithCounts(ctx, id)
  return found && { id: found.id, tasks: found.tasks, hasPassword: found.passwordHash !== null }
}

/**
 * Makes an account for a user who is not here yet, without a password. An e-mail
 * address that is not verified opens the account to no one, and no other user can register with it.
 * The operator gives the account its first password, by `resetPassword`. A subject is reached by its
 * issuer's tokens, as if they had made the user. Answers the id. Throws `invalid`, `unauthenticated`
 * (an unfit subject), `email_taken`.
 */
export const makeImportedUser = async (ctx: ImportCtx, user: ImportedUser): Promise<string> => {
  const name = nameOf(user.name)
  if (!('email' in user)) {
    const { issuer, subject } = user
    return findOrCreateUser(ctx, { issuer, subject: subjectIn(subject), name })
  }
  const emailShown = addressIn(user.email)
  const id = ctx.ids.next()
  const row = {
    issuer: OWN_ISSUER,
    subject: id,
    email: fold(emailShown),
    emailShown,
    passwordHash: null,
    name: name === '' ? nameInEmail(emailShown) : name,
    timeZone: 'UTC',
  }
  try {
    await ctx.db.atomic(newUserWrites(onBehalfOf(ctx, id), row, now(ctx)), { grows: true })
    return id
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new DomainError('email_taken', 'There is an account of this e-mail address.')
  }
}
