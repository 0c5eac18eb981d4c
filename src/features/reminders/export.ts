// All reminders of a user, for an export; and one of an export, set again.
import type { Change } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import type { Instant } from '../../db/instant.ts'
import type { Write } from '../../db/statement.ts'
import { fireAtOf } from './fire-at.ts'
import { type Stored, timesOf } from './row.ts'
import type { ReminderStatus, Trigger } from './schemas.ts'
import { type State, waiting } from './state.ts'
import { allReminders, insertReminder, ownRemindersOfTasks } from './store.ts'
import { holdTarget, type Target } from './target.ts'

/** A reminder with all that there is to know of it, and without what follows from its task. */
export type KeptReminder = {
  readonly id: string
  readonly task_id: string
  readonly trigger: Trigger
  readonly fire_at: Instant | null
  readonly status: ReminderStatus
  readonly fired_at: Instant | null
  readonly late: boolean
  readonly created_at: Instant
  readonly updated_at: Instant
}

const keptOf = (row: Stored): KeptReminder => ({
  id: row.id,
  task_id: row.taskId,
  trigger: row.trigger,
  fire_at: row.fireAt,
  status: row.status,
  fired_at: row.firedAt,
  late: row.late,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
})

/** Some of the caller's reminders, from behind an id, in the order of their ids. */
export const exportReminders = async (
  ctx: Ctx,
  { after = FIRST_ID, limit }: { readonly after?: string; readonly limit: number },
): Promise<KeptReminder[]> => (await allReminders(ctx, { after, limit })).map(keptOf)

/** Those of these tasks, 64 at most, in the order of their ids. */
export const exportRemindersOf = async (
  ctx: Ctx,
  tasks: readonly string[],
): Promise<KeptReminder[]> => (await ownRemindersOfTasks(ctx, tasks)).map(keptOf)

type Imported = Omit<KeptReminder, 'task_id' | 'updated_at'> & {
  readonly updated_at: Instant | null
}
/**
 * The writes that set the caller a reminder of an export; the first one must touch a row. One that
 * waited gets its time anew, from the task and the settings as they are here; what has become of
 * others is kept. `null` for `updated_at` is now. `ahead` is how many reminders of this task the same
 * batch sets before.
 */
export const importReminder = (
  ctx: Ctx,
  reminder: Imported,
  target: Target,
  ahead: number,
): { readonly writes: readonly Write[]; readonly changes: readonly Change[] } => {
  const { id, trigger, fire_at, status, fired_at, late } = reminder
  const state: State =
    status === 'pending' || status === 'unscheduled'
      ? waiting(trigger, fireAtOf(trigger, timesOf(target), target))
      : { trigger, fireAt: fire_at, status, firedAt: fired_at, late }
  const row = {
    ...state,
    id,
    taskId: target.id,
    rev: ctx.ids.next(),
    createdAt: reminder.created_at,
    updatedAt: reminder.updated_at ?? now(ctx),
  }
  const held = { ...target, reminderRev: target.reminderRev + ahead }
  return {
    writes: [holdTarget(ctx, held), insertReminder(ctx, row)],
    changes: [{ entity: 'reminder', id, event: null }],
  }
}
