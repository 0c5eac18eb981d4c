import type { Ctx } from '../../core/context.ts'
import { finishInterrupted } from './bulk.ts'
import { deleteExpired } from './expired.ts'
import { repairUnchecked } from './repair.ts'
import { emptyTrash } from './trash.ts'

export { finishInterrupted, repairUnchecked }

/**
 * What has to be done every hour or so: interrupted changes are finished, expired rows are deleted, what an older version wrote is repaired. Once a day, too: what
 * has long been in the trash (`trashDays` 0: for ever).
 */
export const maintain = async (ctx: Omit<Ctx, 'actor'>, { trashDays, daily }: { trashDays: number; daily: boolean }): Promise<void> => {
  const system: Ctx = { ...ctx, actor: { kind: 'system', userId: '', subject: '' } }
  await finishInterrupted(ctx, { idleMs: 0 })
  await deleteExpired(system)
  if (daily) await emptyTrash(system, trashDays)
  await repairUnchecked(ctx)
}
