import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { editTask } from './change.ts'
import { changeableTask } from './get.ts'
import type { Task } from './schemas.ts'

/**
 * Completes a task; one that is completed stays as it is. Throws `not_found`, `trashed`,
 * `precondition_failed`.
 */
export const completeTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<Task> => {
  return retrying(ctx, async () =>
    editTask(ctx, await changeableTask(ctx, id, ifMatch), { status: 'completed' }),
  )
}
