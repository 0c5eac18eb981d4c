import { type Ctx, now } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import { applyTurn } from './change.ts'
import { changeInChunks } from './change-in-chunks.ts'
import { changeableTask } from './get.ts'
import { isRepeated, notRecurring } from './recurrence/named-occurrence.ts'
import { finishOccurrence } from './recurrence/occurrence-done.ts'
import type { Task } from './schemas.ts'
import { isDone } from './status.ts'

type Skipping = {
  readonly id: string
  readonly ifMatch: Revisions
  readonly occurrence?: WallTime | undefined
}

/**
 * Leaves out the present occurrence of a recurring task; without another one the task is cancelled.
 * A task that is done stays as it is. Throws `not_found`, `trashed`, `precondition_failed`,
 * `not_recurring`, `other_occurrence`.
 */
export const skipOccurrence = (ctx: Ctx, { id, ifMatch, occurrence }: Skipping): Promise<Task> => {
  return changeInChunks(ctx, id, async () => {
    const owned = await changeableTask(ctx, id, ifMatch)
    const { task, left } = owned
    if (await isRepeated(ctx, owned, occurrence)) return { unchanged: task }
    if (isDone(task.status)) return { unchanged: task }
    const at = now(ctx)
    const turn = await finishOccurrence(ctx, owned, { next: task, left, outcome: 'skipped', at })
    if (!turn) throw notRecurring()
    return applyTurn(ctx, owned, { turn, at })
  })
}
