import type { Ctx } from '../../core/context.ts'
import { finishInterrupted } from './bulk.ts'
import { deleteExpired } from './expired.ts'
import { pruneTombstones } from './tombstones.ts'
import { emptyTrash } from './trash.ts'

export { finishInterrupted }

/**
 * What has to be done every hour or so: interrupted changes are finished, expired rows are deleted. Once a day, too: what
 * has long been in the trash (`trashDays` 0: for ever), and what the change log says of things that have long been gone.
 */
export const maintain = async (ctx: Omit<Ctx, 'actor'>, { trashDays, daily }: { trashDays: number; daily: boolean }): Promise<void> => {
  const system: Ctx = { ...ctx, actor: { kind: 'system', userId: '', subject: '' } }
  await finishInterrupted(ctx, { idleMs: 0 })
  await deleteExpired(system)
  if (!daily) return
  await emptyTrash(system, trashDays)
  await pruneTombstones(system)
}
