// What a password has to be, whether it is the caller's, and what goes when it is replaced.
import type { Ctx } from '../../core/context.ts'
import { accountGone, invalid } from '../../core/errors.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { fold } from '../../core/text.ts'
import type { Write } from '../../db/statement.ts'
import { deleteAllApiKeys } from './api-keys/store.ts'
import type { AccountCtx } from './context.ts'
import { endOtherSessions } from './credentials/sessions.ts'
import { HASH_POINTS } from './passwords/passwords.ts'
import { NewPassword } from './schemas.ts'
import { findUser, setPasswordHash, type UserWithPassword } from './store.ts'

const localPart = (email: string): string => email.slice(0, email.indexOf('@'))

/** Throws `invalid` for a password that others would try first. */
export const refuseWeak = async (
  field: string,
  password: string,
  email: string | null,
): Promise<void> => {
  const { commonPasswords } = await import('./passwords/common-passwords.ts')
  const folded = fold(password)
  if (commonPasswords.has(folded))
    throw invalid({
      at: [field],
      code: 'common',
      detail: 'This is one of the most common passwords. Choose another one.',
    })
  if (email !== null && [fold(email), localPart(fold(email))].includes(folded))
    throw invalid({
      at: [field],
      code: 'is_email',
      detail: 'The password is the e-mail address. Choose another one.',
    })
}

/**
 * Throws `invalid` for what no schema has looked at and is no password, in words that stand without
 * its field.
 */
export const refuseUnfit = (password: string): void => {
  const issue = NewPassword.safeParse(password).error?.issues[0]
  if (issue)
    throw invalid({
      at: ['password'],
      code: 'unfit',
      detail: issue.message.replace(/^This /, 'The password '),
    })
}

/** An account whose password was just verified. */
type Verified = UserWithPassword & { readonly passwordHash: string }

/**
 * The caller's account, once `password` is proven to be its password. Throws `invalid`, naming the
 * field at `at`.
 */
export const expectPassword = async (
  ctx: AccountCtx,
  at: readonly string[],
  password: string,
): Promise<Verified> => {
  const user = await findUser(ctx, ctx.actor.userId)
  ctx.charge?.(HASH_POINTS)
  const right = await ctx.credentials.passwords.verify(
    password,
    user?.passwordHash,
    ctx.passwordQueueKey,
  )
  if (!user) throw accountGone()
  if (!right || user.passwordHash === null)
    throw invalid({ at, code: 'wrong', detail: 'This is not the present password.' })
  return { ...user, passwordHash: user.passwordHash }
}

/** No session has this id. */
const NO_SESSION = FIRST_ID

/**
 * The writes that give an account another password; the first touches no row when the present one
 * has changed. All sessions end but `keptSession`, and all API keys are deleted: others may have
 * known the old password.
 */
export const replacePassword = (
  ctx: Ctx,
  { id, passwordHash }: Pick<UserWithPassword, 'id' | 'passwordHash'>,
  newHash: string,
  keptSession = NO_SESSION,
): Write[] => [
  setPasswordHash(ctx, id, passwordHash, newHash),
  endOtherSessions(ctx, keptSession, id),
  ...deleteAllApiKeys(ctx),
]
