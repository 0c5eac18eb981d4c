import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { bulkChange, bulkChangeNow, getBulkChange } from './bulk-change.ts'
import { BulkChange, BulkOutcome } from './bulk-schemas.ts'
import { completeTask } from './complete.ts'
import { createTask } from './create.ts'
import { deleteTask } from './delete.ts'
import { flag, taskFilters } from './filter-schemas.ts'
import { getTask } from './get.ts'
import { listTasks } from './list.ts'
import { moveTask } from './move.ts'
import { TaskMove } from './move-schemas.ts'
import { emptyTrash, purgeTask } from './purge.ts'
import { listOccurrences } from './recurrence/list-occurrences.ts'
import {
  OccurrenceChoice,
  OccurrenceToUndo,
  occurrenceFilters,
  TaskOccurrence,
} from './recurrence/schemas.ts'
import { reopenTask } from './reopen.ts'
import { replaceTask } from './replace.ts'
import { restoreTask } from './restore.ts'
import { NewTask, Task, TaskPatch, TaskReplacement } from './schemas.ts'
import { skipOccurrence } from './skip.ts'
import { updateTask } from './update.ts'

const read = withScope('tasks:read')
const write = withScope('tasks:write')
const task = (description: string) => ({ description, schema: Task })

const NoFields = z.strictObject({}).openapi('NoFields', {
  description: 'There is nothing to say; the body may be left out.',
  example: {},
})

export const taskOperations = [
  defineOperation({
    id: 'listTasks',
    summary: 'List tasks',
    description: 'A repeated parameter means OR.',
    access: read,
    query: z.object({ ...taskFilters, ...pageQuery }).strict(),
    output: { description: 'A page of tasks.', schema: pageSchema('TaskPage', Task) },
    run: (ctx, { query }) => listTasks(ctx, query),
  }),
  defineOperation({
    id: 'createTask',
    summary: 'Make a task',
    access: write,
    body: NewTask,
    idempotent: true,
    output: task('The new task, at the end of its project.'),
    refuses: ['external_id_taken', 'write_conflict'],
    run: (ctx, { body }) => createTask(ctx, body),
  }),
  defineOperation({
    id: 'getTask',
    summary: 'Read a task',
    description: 'Also one in the trash.',
    access: read,
    takesId: true,
    output: task('The task.'),
    run: (ctx, { id }) => getTask(ctx, id),
  }),
  defineOperation({
    id: 'replaceTask',
    summary: 'Replace a task',
    description:
      'What is not named takes its default. Read-only fields may be repeated as they are, so that one can read, edit and put back.',
    access: write,
    takesId: true,
    body: TaskReplacement,
    ifMatch: 'required',
    output: task('The task as it is now.'),
    refuses: ['trashed', 'external_id_taken', 'write_conflict', 'quota_exceeded'],
    run: (ctx, { id, ifMatch, body }) =>
      replaceTask(ctx, { id, ifMatch, replacement: body as TaskReplacement }),
  }),
  defineOperation({
    id: 'updateTask',
    summary: 'Change a task',
    description: 'A merge patch (RFC 7396): what it does not name stays.',
    access: write,
    takesId: true,
    body: TaskPatch,
    ifMatch: 'optional',
    output: task('The changed task.'),
    refuses: ['trashed', 'external_id_taken', 'write_conflict', 'quota_exceeded'],
    run: (ctx, { id, ifMatch, body }) => updateTask(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteTask',
    summary: 'Put a task into the trash',
    description:
      'With its subtasks. With `permanent=true` one that is in the trash is deleted for good, with all below it.',
    access: write,
    takesId: true,
    query: z
      .object({
        permanent: flag.optional().openapi({
          type: 'boolean',
          description: 'Delete for good what is in the trash.',
        }),
      })
      .strict(),
    ifMatch: 'optional',
    output: { description: 'It is in the trash, or gone.' },
    refuses: ['not_trashed', 'write_conflict'],
    run: (ctx, { id, ifMatch, query: { permanent } }) =>
      (permanent ? purgeTask : deleteTask)(ctx, { id, ifMatch }),
  }),
  defineOperation({
    id: 'completeTask',
    summary: 'Complete a task',
    description:
      'With what is open below it; one that is completed stays as it is. A recurring task goes on to its next occurrence, and is completed with the last one.',
    access: write,
    takesId: true,
    body: OccurrenceChoice,
    bodyOptional: true,
    ifMatch: 'optional',
    idempotent: true,
    output: task('The task as it is now.'),
    refuses: ['trashed', 'write_conflict', 'not_recurring', 'other_occurrence'],
    run: (ctx, { id, ifMatch, body }) =>
      completeTask(ctx, { id, ifMatch, occurrence: body?.occurrence }),
  }),
  defineOperation({
    id: 'skipOccurrence',
    summary: 'Skip an occurrence',
    description:
      'A recurring task goes on to its next occurrence without this one being completed; with the last one it is cancelled.',
    access: write,
    takesId: true,
    body: OccurrenceChoice,
    bodyOptional: true,
    ifMatch: 'optional',
    idempotent: true,
    output: task('The task as it is now.'),
    refuses: ['trashed', 'write_conflict', 'not_recurring', 'other_occurrence'],
    run: (ctx, { id, ifMatch, body }) =>
      skipOccurrence(ctx, { id, ifMatch, occurrence: body?.occurrence }),
  }),
  defineOperation({
    id: 'listOccurrences',
    summary: 'List occurrences',
    description: 'Of a recurring task: those that are done, or those that come.',
    access: read,
    takesId: true,
    query: z.object({ ...occurrenceFilters, ...pageQuery }).strict(),
    output: {
      description: 'A page of occurrences.',
      schema: pageSchema('TaskOccurrencePage', TaskOccurrence),
    },
    run: (ctx, { id, query }) => listOccurrences(ctx, id, query),
  }),
  defineOperation({
    id: 'reopenTask',
    summary: 'Reopen a task',
    description:
      'A completed or cancelled task is pending again, and what was completed with it is what it was. A recurring task goes back to the occurrence that was completed or skipped last, as it was then. An open task that does not recur stays as it is.',
    access: write,
    takesId: true,
    body: OccurrenceToUndo,
    bodyOptional: true,
    ifMatch: 'optional',
    idempotent: true,
    output: task('The open task.'),
    refuses: ['trashed', 'write_conflict', 'not_recurring', 'other_occurrence'],
    run: (ctx, { id, ifMatch, body }) =>
      reopenTask(ctx, { id, ifMatch, occurrence: body?.occurrence }),
  }),
  defineOperation({
    id: 'restoreTask',
    summary: 'Take a task out of the trash',
    description:
      'With what went there together with it. Where its project is gone it goes to the inbox.',
    access: write,
    takesId: true,
    body: NoFields,
    bodyOptional: true,
    ifMatch: 'optional',
    idempotent: true,
    output: task('The task.'),
    refuses: ['external_id_taken', 'write_conflict'],
    run: (ctx, { id, ifMatch }) => restoreTask(ctx, { id, ifMatch }),
  }),
  defineOperation({
    id: 'bulkChangeTasks',
    summary: 'Change all tasks that a filter finds',
    description:
      'Each as the single request would change it; what is refused is counted. It is answered when it is done, or after ten seconds, when it goes on. A task below another one that is moved or put into the trash goes along with it, and is not counted by itself. What is missing in the counts at the end went along so, or was changed by others meanwhile.',
    access: write,
    body: BulkChange,
    idempotent: true,
    ofItsOwn: true,
    output: { description: 'What it has done until now.', schema: BulkOutcome },
    refuses: ['write_conflict'],
    run: (ctx, { body }) => bulkChange(ctx, body),
    repeated: bulkChangeNow,
  }),
  defineOperation({
    id: 'getBulkChange',
    summary: 'Read what a change of many tasks has done',
    description: 'One that is not over yet, or the last one.',
    access: read,
    takesId: true,
    output: { description: 'What it has done until now.', schema: BulkOutcome },
    run: (ctx, { id }) => getBulkChange(ctx, id),
  }),
  defineOperation({
    id: 'emptyTrash',
    summary: 'Empty the trash',
    description: 'Deletes for good all tasks that are in the trash.',
    access: write,
    ofItsOwn: true,
    output: { description: 'What was in the trash is gone.' },
    refuses: ['write_conflict'],
    run: (ctx) => emptyTrash(ctx),
  }),
  defineOperation({
    id: 'moveTask',
    summary: 'Move a task',
    description: 'To another project, parent or place among the others. Its subtasks follow.',
    access: write,
    takesId: true,
    body: TaskMove,
    ifMatch: 'optional',
    idempotent: true,
    output: task('The moved task.'),
    refuses: ['trashed', 'external_id_taken', 'write_conflict'],
    run: (ctx, { id, ifMatch, body }) => moveTask(ctx, { id, ifMatch, move: body }),
  }),
] as const
