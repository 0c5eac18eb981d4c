import { type Ctx, nowAfter } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { isSameField } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { fireAtOf } from './fire-at.ts'
import { existingReminder } from './get.ts'
import { reminderUpdated } from './happened.ts'
import { partiesOfReminder, shownReminder, timesOf } from './row.ts'
import type { Reminder, ReminderPatch } from './schemas.ts'
import { waiting } from './state.ts'
import { writeReminder } from './store.ts'
import { findTarget, holdTarget } from './target.ts'

type Change = { readonly id: string; readonly ifMatch: Revisions; readonly patch: ReminderPatch }

/**
 * Sets a reminder for another time, for which it waits anew, also where it has fired. Throws
 * `not_found`, `precondition_failed`, `trashed`, `write_conflict`.
 */
export const updateReminder = (ctx: Ctx, { id, ifMatch, patch }: Change): Promise<Reminder> =>
  retrying(ctx, async () => {
    const stored = await existingReminder(ctx, id, ifMatch)
    if (stored.trashed)
      throw new DomainError('trashed', 'The task is in the trash. Restore it first.')
    const { trigger } = patch
    if (trigger === undefined || isSameField(trigger, stored.trigger))
      return { unchanged: shownReminder(stored) }
    const target = await findTarget(ctx, stored.taskId)
    // It has gone just now, with its task.
    if (!target) return { unchanged: shownReminder(await existingReminder(ctx, id, ifMatch)) }
    const next = {
      ...stored,
      ...waiting(trigger, fireAtOf(trigger, timesOf(target), target)),
      rev: ctx.ids.next(),
      updatedAt: nowAfter(ctx, stored.updatedAt),
    }
    return {
      parties: partiesOfReminder(stored.ownerId, stored),
      writes: [holdTarget(ctx, target), writeReminder(ctx, stored, next)],
      changes: [{ entity: 'reminder', id, event: reminderUpdated(stored, next) }],
      mustTouch: [0, 1],
      result: shownReminder(next),
    }
  })
