export { pageOfAllTasks, type WholeTask } from './all-pages.ts'
export { countComments, holdLiveTask, holdTask, MAX_COMMENTS } from './comment-count.ts'
export { completeTask } from './complete.ts'
export { countTasksByKind } from './counts.ts'
export { createTask } from './create.ts'
export { deleteTask } from './delete.ts'
export { findKnown } from './external-ids.ts'
export { Extra, MAX_EXTRA_BYTES, MAX_EXTRA_FIELDS } from './extra.ts'
export { changeableTask, existingTask, getTask } from './get.ts'
export {
  findImported,
  findPresent,
  type ImportedTask,
  importPlan,
  importTasks,
  type Placed,
  type Present,
  takenIds,
} from './import.ts'
export { listTasks } from './list.ts'
export { loggedTasks } from './logged.ts'
export { hasLongTexts, noteTexts } from './long-texts.ts'
export { taskOperations } from './operations.ts'
export { type NewPlacement, placeNew } from './placement.ts'
export { countRevised } from './progress.ts'
export { type Purgeable, portionsOf, purgeable, purgedTasks } from './purged-tasks.ts'
export { recountChildren } from './recount.ts'
export { allDone, type DoneRow, doneOfTasks } from './recurrence/all-done.ts'
export { insertDone } from './recurrence/history.ts'
export { passDoneOccurrences } from './recurrence/pass-done.ts'
export { purgedOccurrences } from './recurrence/purged-occurrences.ts'
export { RecurrenceRule, TaskOccurrence } from './recurrence/schemas.ts'
export { type SeriesOfFile, seriesOfFile } from './recurrence/series-of-file.ts'
export { refoldTasks } from './refold.ts'
export { reopenTask } from './reopen.ts'
export { MAX_LABELS, NewTask, newTaskState, Task, TaskPatch, taskDefaults } from './schemas.ts'
export { setBlockers } from './set-blockers.ts'
export { doneStatuses, isDone, openStatuses } from './status.ts'
export { ancestries, MAX_LEVELS } from './subtree.ts'
export { takenPositions } from './taken-positions.ts'
export { Description, MAX_DESCRIPTION_BYTES, MAX_TITLE, Title } from './texts.ts'
export { updateTask } from './update.ts'
export { withKind } from './wall-time.ts'
