import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import { changeTask } from './change.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { changeableTask } from './get.ts'
import { isRepeated } from './recurrence/named-occurrence.ts'
import type { Task } from './schemas.ts'

type Completion = {
  readonly id: string
  readonly ifMatch: Revisions
  /** Of a recurring task: the one that is meant. One that was done before changes nothing. */
  readonly occurrence?: WallTime | undefined
}

/**
 * Completes a task, with what is open below it; one that is completed stays as it is. A recurring
 * task goes on to its next occurrence. Throws `not_found`, `trashed`, `precondition_failed`,
 * `other_occurrence`.
 */
export const completeTask = (ctx: Ctx, { id, ifMatch, occurrence }: Completion): Promise<Task> => {
  return changeInChunks(ctx, id, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    if (await isRepeated(ctx, owned, occurrence)) return { unchanged: owned.task }
    return changeTask(ctx, owned, { status: 'completed' })
  })
}
