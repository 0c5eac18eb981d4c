// The name that a label is losing while many tasks still show it.
import { type BulkData, runningBulk } from '../../core/bulk-store.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import type { OwnerId } from '../../core/parties.ts'

/** What a bulk operation stores that takes the name `was` from a label. */
export const leavingName = (label: string, was: string): BulkData => ({ label, was })

/**
 * Throws `write_conflict` where one of the names is being taken from a label of the owner: a client
 * that names it may have read it from a task that still shows it, and would make a second label by
 * mistake. To be asked when no label of these names was found.
 */
export const expectNotLeaving = async (
  ctx: Ctx,
  ownerId: OwnerId,
  names: readonly string[],
): Promise<void> => {
  const { data } = (await runningBulk(ctx, ownerId)) ?? {}
  const was = data?.['was']
  if (typeof was === 'string' && names.includes(was))
    throw new DomainError(
      'write_conflict',
      `The label ${was} is being renamed or deleted right now. Read the tasks again when that is done.`,
    )
}
