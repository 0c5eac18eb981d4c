import type { Ctx } from '../../../core/context.ts'
import { DomainError } from '../../../core/errors.ts'
import { isSameField } from '../../../core/patch.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import type { Task } from '../schemas.ts'
import { isDone } from '../status.ts'
import type { OwnedTask } from '../store.ts'
import { isDoneSlot } from './history.ts'

/**
 * Whether the occurrence that a request names was done before: then it is repeated, by a double tap
 * or an offline queue. Throws `other_occurrence` where it is neither that nor the present one,
 * `not_recurring` where the task does not recur.
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
  throw otherOccurrence(task)
}

/** What refuses a request that names an occurrence at which the task is not. */
export const otherOccurrence = ({ recurrence }: Task): DomainError =>
  recurrence === null ? notRecurring() : elsewhere()

export const notRecurring = (): DomainError =>
  new DomainError('not_recurring', 'The task does not recur.')
const elsewhere = (): DomainError =>
  new DomainError(
    'other_occurrence',
    'The task does not stand at this occurrence, and has not done it. Read it again.',
  )
