import { type Ctx, onBehalfOf } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { ownAccount } from '../../core/parties.ts'
import { commit } from '../../core/unit-of-work.ts'
import { refuseUnfit, refuseWeak, replacePassword } from './password.ts'
import type { Passwords } from './passwords/passwords.ts'
import { findByEmail } from './store.ts'

/**
 * Gives an account another password, without its present one, or an imported account its first one:
 * for the operator, never for a request. All sessions end and all API keys are deleted. Answers the
 * id of the user. Throws `not_found`, `invalid`, `write_conflict`.
 */
export const resetPassword = async (
  ctx: Omit<Ctx, 'actor'>,
  passwords: Passwords,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<string> => {
  const user = await findByEmail(ctx, email.trim())
  if (!user) throw notFound('account')
  const { id, passwordHash } = user
  refuseUnfit(password)
  await refuseWeak('password', password, email)
  const self = onBehalfOf(ctx, id)
  const outcome = await commit(self, {
    parties: ownAccount(self),
    writes: replacePassword(self, { id, passwordHash }, await passwords.hash(password)),
    mustTouch: [0],
    result: 'reset' as const,
  })
  if (outcome === 'stale')
    throw new DomainError(
      'write_conflict',
      'The password was changed elsewhere at the same moment.',
    )
  return id
}
