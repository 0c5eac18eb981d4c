import type { Ctx } from '../../core/context.ts'
import { finishInterrupted } from './bulk.ts'
import { deleteExpired } from './expired.ts'
import { repairUnchecked } from './repair.ts'
import { pruneTombstones } from './tombstones.ts'
import { emptyTrash } from './trash.ts'

export { finishInterrupted, repairUnchecked }

/**
 * What has to be done every hour or so: interrupted changes are finished, expired rows are deleted,
 * and what an older version wrote is repaired. Once a day, too: tasks leave the trash that have
 * been there for `trashDays` (0: never), and the change log forgets things that have long been
 * gone.
 */
export const maintain = async (
  ctx: Omit<Ctx, 'actor'>,
  { trashDays, daily }: { trashDays: number; daily: boolean },
): Promise<void> => {
  const system: Ctx = { ...ctx, actor: { kind: 'system', userId: '', subject: '' } }
  await finishInterrupted(ctx, { idleMs: 0 })
  await deleteExpired(system)
  await repairUnchecked(ctx)
  if (!daily) return
  await emptyTrash(system, trashDays)
  await pruneTombstones(system)
}
