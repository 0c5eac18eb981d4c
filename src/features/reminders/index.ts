export { openStatuses as statusesThatRemind } from '../../core/open-statuses.ts'
export { createFiringCounts, type FiringCounts } from './counts.ts'
export {
  exportReminders,
  exportRemindersOf,
  importReminder,
  type KeptReminder,
} from './export.ts'
export { FIRES_WITHIN_MS, fireDue } from './fire.ts'
export type { Advance } from './fire-at.ts'
export {
  advanceTimes,
  type FollowTimes,
  followTimes,
  type KeptReminders,
  keptReminders,
  restoreTimes,
} from './follow.ts'
export { forgetReminders } from './forget.ts'
export { getReminder } from './get.ts'
export { loggedReminders, remindersOfLogged } from './logged.ts'
export { settleMissed } from './missed.ts'
export { reminderOperations } from './operations.ts'
export { followSettings, rederiveReminders } from './profile.ts'
export { repairReminders } from './repair.ts'
export {
  ClockTime,
  MAX_REMINDERS,
  Reminder,
  Trigger,
  type Trigger as ReminderTrigger,
} from './schemas.ts'
export { findTargets, type Target } from './target.ts'
export { lookForDue } from './wake.ts'
