import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { editTask } from './change.ts'
import { changeableTask } from './get.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'

/**
 * Makes a completed or cancelled task pending; an open one stays as it is. Throws `not_found`,
 * `trashed`, `precondition_failed`.
 */
export const reopenTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<Task> => {
  return retrying(ctx, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    return isDone(owned.task.status)
      ? editTask(ctx, owned, { status: 'pending' })
      : { unchanged: owned.task }
  })
}
