export { type Awaited, awaitTasks, MAX_WAITING } from './await.ts'
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
export { waitingForChildren } from './waiting.ts'
