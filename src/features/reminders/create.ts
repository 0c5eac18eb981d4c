import { type Ctx, now } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { readerIdOf } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { fireAtOf } from './fire-at.ts'
import { reminderCreated } from './happened.ts'
import { partiesOfReminder, shownReminder, timesOf } from './row.ts'
import { MAX_REMINDERS, type NewReminder, type Reminder } from './schemas.ts'
import { waiting } from './state.ts'
import { insertReminder } from './store.ts'
import { findTarget, holdTarget } from './target.ts'

/**
 * Sets a reminder of the caller's for a task. Throws `not_found`, `trashed`, `quota_exceeded`,
 * `write_conflict`.
 */
export const createReminder = (
  ctx: Ctx,
  { task, reminder: { trigger } }: { task: string; reminder: NewReminder },
): Promise<Reminder> =>
  retrying(ctx, async () => {
    const target = await findTarget(ctx, task)
    if (!target) throw notFound('task')
    if (target.trashed)
      throw new DomainError('trashed', 'The task is in the trash. Restore it first.')
    if (target.reminders >= MAX_REMINDERS)
      throw new DomainError(
        'quota_exceeded',
        `A task takes ${MAX_REMINDERS} reminders of one user, and has them.`,
      )
    const at = now(ctx)
    const row = {
      ...waiting(trigger, fireAtOf(trigger, timesOf(target), target)),
      id: ctx.ids.next(),
      taskId: target.id,
      rev: ctx.ids.next(),
      createdAt: at,
      updatedAt: at,
    }
    const userId = readerIdOf(ctx)
    return {
      parties: partiesOfReminder(target.ownerId, { userId }),
      writes: [holdTarget(ctx, target), insertReminder(ctx, row)],
      changes: [
        { entity: 'reminder', id: row.id, event: reminderCreated({ ...target, ...row, userId }) },
      ],
      mustTouch: [0],
      result: shownReminder({ ...target, ...row, userId }),
    }
  })
