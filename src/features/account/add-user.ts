import type { Ctx } from '../../core/context.ts'
import { invalid } from '../../core/errors.ts'
import { keepAccount, newAccount } from './new-account.ts'
import { refuseUnfit } from './password.ts'
import type { Passwords } from './passwords/passwords.ts'
import { Registration, type User } from './schemas.ts'

/**
 * Makes an account, also where registration is closed: for the operator, never for a request.
 * Answers it. Throws `invalid`, `email_taken`.
 */
export const addUser = async (
  ctx: Omit<Ctx, 'actor'>,
  passwords: Passwords,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<User> => {
  const given = Registration.shape.email.safeParse(email)
  if (!given.success)
    throw invalid({
      at: ['email'],
      code: 'email',
      detail: given.error.issues[0]?.message ?? 'This is no e-mail address.',
    })
  refuseUnfit(password)
  const { user, writes } = await newAccount(ctx, passwords, Registration.parse({ email, password }))
  await keepAccount(ctx, writes)
  return user
}
