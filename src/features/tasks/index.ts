export { completeTask } from './complete.ts'
export { createTask } from './create.ts'
export { deleteTask } from './delete.ts'
export { getTask } from './get.ts'
export { listTasks } from './list.ts'
export { moveTask } from './move.ts'
export { reopenTask } from './reopen.ts'
export { replaceTask } from './replace.ts'
export { restoreTask } from './restore.ts'
export {
  Description,
  NewTask,
  Task,
  TaskMove,
  TaskPatch,
  TaskReplacement,
  Title,
  taskFilters,
} from './schemas.ts'
export { updateTask } from './update.ts'
