export { type Awaited, awaitTasks } from './await.ts'
export {
  type Following,
  followProject,
  followTasks,
  followTrashedProject,
  followWaiting,
  NOTHING,
  together,
} from './follow.ts'
export { forgetBlockers } from './forget.ts'
export { expectOpen, MAX_WAITING } from './store.ts'
export { isCrowded, type WaitingTasks, waitingForChildren } from './waiting.ts'
