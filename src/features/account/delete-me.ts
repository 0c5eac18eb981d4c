import { defineBulk, finishInTime } from '../../core/bulk.ts'
import { beginBulk, dropBulk } from '../../core/bulk-store.ts'
import { DomainError } from '../../core/errors.ts'
import { accountIdOf } from '../../core/parties.ts'
import { isStorageFull } from '../../db/portable.ts'
import type { AccountCtx } from './context.ts'
import type { Proof } from './openid/schemas.ts'
import { prove } from './reauthenticate.ts'
import { closeAccount, isLarge, removalChunk, removeUser } from './removal.ts'

/**
 * Deletes the caller and everything of theirs, for good. Where there is much, the account is closed
 * at once, and its rows go in chunks. Throws `invalid` (the proof), `write_conflict`,
 * `unavailable`.
 */
export const deleteMe = async (ctx: AccountCtx, proof: Proof): Promise<void> => {
  const { user, guard } = await prove(ctx, proof)
  const ownerId = accountIdOf(ctx)
  let large = await isLarge(ctx)
  const remove = () => {
    const bulk = { kind: KIND, targetId: user.id, data: { table: 0 } }
    const rest = large
      ? [...closeAccount(ctx, user.id), dropBulk(ctx, ownerId), beginBulk(ctx, ownerId, bulk)]
      : [removeUser(ctx, user.id)]
    return ctx.db.atomic([guard, ...rest], { mustTouch: [0, 1] })
  }
  const outcome = await remove().catch((error: unknown) => {
    if (large || !isStorageFull(error)) throw error
    large = true // a full disk has room for it bit by bit
    return remove()
  })
  if (outcome === 'stale')
    throw new DomainError(
      'write_conflict',
      'The password was changed, or the code used, at the same moment. Nothing was deleted.',
    )
  await ctx.credentials.forget()
  if (large) await finishInTime(ctx, ownerId)
}

const KIND = 'delete_account'

defineBulk(KIND, {
  ofDeletedUser: true,
  chunk: async (ctx, { data, targetId: user }) => {
    const { writes, left } = await removalChunk(ctx, user, data['table'] as number)
    return { writes, changes: [], next: left === undefined ? undefined : { table: left } }
  },
})
