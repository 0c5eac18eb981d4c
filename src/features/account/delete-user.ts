import { finishBulk } from '../../core/bulk.ts'
import { type Ctx, onBehalfOf } from '../../core/context.ts'
import { notFound } from '../../core/errors.ts'
import { accountIdOf } from '../../core/parties.ts'
import { removeAccount } from './remove-account.ts'
import { type ShownUser, showUser } from './show-user.ts'

/**
 * Deletes the user of this e-mail address or id and everything of theirs, for good, without their
 * proof: for the operator, never for a request. Answers who it was. Throws `not_found`,
 * `write_conflict`.
 */
export const deleteUser = async (ctx: Omit<Ctx, 'actor'>, who: string): Promise<ShownUser> => {
  const user = await showUser(ctx, who)
  const self = onBehalfOf(ctx, user.id)
  if ((await removeAccount(self)) === 'stale') throw notFound('account')
  await finishBulk(self, accountIdOf(self))
  return user
}
