import type { Ctx } from '../../../core/context.ts'
import { DomainError } from '../../../core/errors.ts'
import { isSameField } from '../../../core/patch.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import { isDone } from '../status.ts'
import type { OwnedTask } from '../store.ts'
import { isDoneSlot } from './history.ts'

/**
 * Whether the occurrence that a request names was done before: then it is repeated, by a double tap
 * or an offline queue. Throws `other_occurrence` where it is neither that nor the present one.
 */
export const isRepeated = async (
  ctx: Ctx,
  { task, parties }: OwnedTask,
  named: WallTime | undefined,
): Promise<boolean> => {
  if (named === undefined) return false
  if (isSameField(named, task.occurrence) && !isDone(task.status)) return false
  if (await isDoneSlot(ctx, { owner: parties.ownerId, task: task.id }, named)) return true
  if (isSameField(named, task.occurrence)) return false
  throw new DomainError(
    'other_occurrence',
    'The task does not stand at this occurrence, and has not done it. Read it again.',
  )
}
