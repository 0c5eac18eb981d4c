import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { existingReminder } from './get.ts'
import { reminderDeleted } from './happened.ts'
import { partiesOfReminder } from './row.ts'
import { removeReminder } from './store.ts'

/** Deletes a reminder for good. Throws `not_found`, `precondition_failed`, `write_conflict`. */
export const deleteReminder = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<void> =>
  retrying(ctx, async () => {
    const stored = await existingReminder(ctx, id, ifMatch)
    return {
      parties: partiesOfReminder(stored.ownerId, stored),
      writes: [removeReminder(ctx, stored)],
      changes: [{ entity: 'reminder', id, gone: true, event: reminderDeleted(stored) }],
      mustTouch: [0],
      result: undefined,
    }
  })
