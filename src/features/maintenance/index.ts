import type { Ctx } from '../../core/context.ts'
import { deleteExpired } from './expired.ts'
import { emptyTrash } from './trash.ts'

/** What has to be done now and then: expired rows are deleted, and what has long been in the trash (`trashDays` 0: nothing). */
export const maintain = async (ctx: Omit<Ctx, 'actor'>, { trashDays }: { trashDays: number }): Promise<void> => {
  const system: Ctx = { ...ctx, actor: { kind: 'system', userId: '', subject: '' } }
  await deleteExpired(system)
  if (trashDays > 0) await emptyTrash(system, trashDays)
}
