import { commit } from '../../core/commit.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { fold } from '../../core/text.ts'
import type { Passwords } from '../../identity/passwords.ts'
import { endOtherSessions } from '../../identity/sessions.ts'
import { onBehalfOf } from '../../identity/users.ts'
import { deleteAllApiKeys } from '../api-keys/index.ts'
import { refuseUnfit, refuseWeak } from './password.ts'
import { findByEmail, setPasswordHash } from './store.ts'

const NO_SESSION = '00000000-0000-0000-0000-000000000000'

/**
 * Gives an account another password, without its present one: for whoever runs the service, never for a request. All
 * sessions end and all API keys are deleted. Throws `not_found`, `invalid`, `contended`.
 */
export const resetPassword = async (
  ctx: Omit<Ctx, 'actor'>,
  passwords: Passwords,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> => {
  const user = await findByEmail(ctx, fold(email.trim()))
  if (!user?.passwordHash) throw notFound('account with a password')
  refuseUnfit(password)
  refuseWeak('password', password, email)
  const self = onBehalfOf(ctx, user.id)
  const outcome = await commit(self, {
    writes: [
      setPasswordHash(self, user.id, user.passwordHash, await passwords.hash(password)),
      endOtherSessions(self, NO_SESSION, user.id),
      ...deleteAllApiKeys(self),
    ],
    mustTouch: [0],
    result: 'reset' as const,
  })
  if (outcome === 'stale') throw new DomainError('contended', 'The password was changed elsewhere at the same moment.')
}
