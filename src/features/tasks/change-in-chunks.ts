import { type BulkPlan, retryingInChunks } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import type { Task } from './schemas.ts'
import { findTask } from './store.ts'

/**
 * As `retryingInChunks`, for a change of one task, which is answered. The chunks of what is below it
 * may change the task, too: then it is read again.
 */
export const changeInChunks = (
  ctx: Ctx,
  id: string,
  decide: () => Promise<BulkPlan<Task> | { readonly unchanged: Task }>,
): Promise<Task> => retryingInChunks(ctx, decide, () => findTask(ctx, id))
