export { createFiringCounts, type FiringCounts } from './counts.ts'
export { exportReminders, importReminder, type KeptReminder } from './export.ts'
export { FIRES_WITHIN_MS, type Fired, type FiringCtx, fireDue } from './fire.ts'
export type { Settings } from './fire-at.ts'
export {
  advanceTimes,
  type Following,
  type FollowTimes,
  followTimes,
  type KeptReminders,
  keptReminders,
  type MovedTask,
  restoreTimes,
} from './follow.ts'
export { forgetReminders } from './forget.ts'
export { settleMissed } from './missed.ts'
export { reminderOperations } from './operations.ts'
export { followSettings, rederiveReminders } from './profile.ts'
export { ClockTime, MAX_REMINDERS, Reminder, Trigger } from './schemas.ts'
export { OPEN as statusesThatRemind } from './state.ts'
