import { defineBulk } from '../../core/bulk-kinds.ts'
import { beginBulk, dropBulk } from '../../core/bulk-store.ts'
import type { Ctx } from '../../core/context.ts'
import { accountIdOf } from '../../core/parties.ts'
import { isStorageFull } from '../../db/portable.ts'
import type { Write } from '../../db/statement.ts'
import { closeAccount, isLarge, removalChunk, removeUser } from './removal.ts'

/**
 * Deletes the account of `ctx.actor` and everything of theirs, for good. Where there is much, the
 * account is closed at once, and a bulk operation is `begun`, which deletes its rows in chunks. Each
 * of `guards` must touch a row, and the account must be there; else nothing happens, and the outcome
 * is `stale`.
 */
export const removeAccount = async (
  ctx: Ctx,
  guards: readonly Write[] = [],
): Promise<'removed' | 'begun' | 'stale'> => {
  const [user, ownerId] = [ctx.actor.userId, accountIdOf(ctx)]
  let large = await isLarge(ctx)
  const remove = () => {
    const bulk = { kind: KIND, targetId: user, data: { table: 0 } }
    const rest = large
      ? [...closeAccount(ctx, user), dropBulk(ctx, ownerId), beginBulk(ctx, ownerId, bulk)]
      : [removeUser(ctx, user)]
    const writes = [...guards, ...rest]
    return ctx.db.atomic(writes, { mustTouch: [...guards.keys(), guards.length] })
  }
  const outcome = await remove().catch((error: unknown) => {
    if (large || !isStorageFull(error)) throw error
    large = true // a full disk has room for it bit by bit
    return remove()
  })
  if (outcome === 'stale') return 'stale'
  return large ? 'begun' : 'removed'
}

const KIND = 'delete_account'

defineBulk(KIND, {
  ofDeletedUser: true,
  chunk: async (ctx, { data, targetId: user }) => {
    const { writes, left } = await removalChunk(ctx, user, data['table'] as number)
    return { writes, changes: [], next: left === undefined ? undefined : { table: left } }
  },
})
