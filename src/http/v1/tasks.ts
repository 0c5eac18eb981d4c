import { z } from '@hono/zod-openapi'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import {
  completeTask,
  createTask,
  deleteTask,
  getTask,
  listTasks,
  moveTask,
  NewTask,
  reopenTask,
  replaceTask,
  restoreTask,
  Task,
  TaskMove,
  TaskPatch,
  TaskReplacement,
  taskFilters,
  updateTask,
} from '../../features/tasks/index.ts'
import { created, list, noContent, resource } from '../result.ts'
import type { Api } from '../router.ts'

const tag = 'Tasks'
const one = (description: string) => ({ 200: { description, schema: Task, etag: true } }) as const

export const taskRoutes = (api: Api): void => {
  api.operation(
    {
      id: 'listTasks',
      method: 'get',
      path: '/tasks',
      tag,
      summary: 'List tasks',
      description: 'A repeated parameter means OR.',
      query: z.object({ ...taskFilters, ...pageQuery }).strict(),
      answers: { 200: { description: 'A page of tasks.', schema: pageSchema('TaskPage', Task) } },
    },
    async ({ ctx, query, url }) => list(await listTasks(ctx, query), url),
  )

  api.operation(
    {
      id: 'createTask',
      method: 'post',
      path: '/tasks',
      tag,
      summary: 'Make a task',
      body: NewTask,
      idempotent: true,
      answers: {
        201: { description: 'The new task, at the end of its project.', schema: Task, etag: true },
      },
      refuses: ['write_conflict'],
    },
    ({ body, once }) =>
      once(
        (ctx) => createTask(ctx, body),
        (task) => created(task, `/api/v1/tasks/${task.id}`),
      ),
  )

  api.operation(
    {
      id: 'getTask',
      method: 'get',
      path: '/tasks/{id}',
      tag,
      summary: 'Read a task',
      description: 'Also one in the trash.',
      answers: one('The task.'),
    },
    async ({ ctx, id }) => resource(await getTask(ctx, id)),
  )

  api.operation(
    {
      id: 'replaceTask',
      method: 'put',
      path: '/tasks/{id}',
      tag,
      summary: 'Replace a task',
      description:
        'What is not named takes its default. Read-only fields may be repeated as they are, so that one can read, edit and put back.',
      body: TaskReplacement,
      ifMatch: 'required',
      answers: one('The task as it is now.'),
      refuses: ['trashed', 'write_conflict', 'quota_exceeded'],
    },
    async ({ ctx, id, ifMatch, body }) =>
      resource(await replaceTask(ctx, { id, ifMatch, replacement: body as TaskReplacement })),
  )

  api.operation(
    {
      id: 'updateTask',
      method: 'patch',
      path: '/tasks/{id}',
      tag,
      summary: 'Change a task',
      description: 'A merge patch (RFC 7396): what it does not name stays.',
      body: TaskPatch,
      ifMatch: 'optional',
      answers: one('The changed task.'),
      refuses: ['trashed', 'write_conflict', 'quota_exceeded'],
    },
    async ({ ctx, id, ifMatch, body }) =>
      resource(await updateTask(ctx, { id, ifMatch, patch: body })),
  )

  api.operation(
    {
      id: 'deleteTask',
      method: 'delete',
      path: '/tasks/{id}',
      tag,
      summary: 'Put a task into the trash',
      description: 'With its subtasks.',
      ifMatch: 'optional',
      answers: { 204: { description: 'It is in the trash.' } },
      refuses: ['write_conflict'],
    },
    async ({ ctx, id, ifMatch }) => {
      await deleteTask(ctx, { id, ifMatch })
      return noContent
    },
  )

  api.operation(
    {
      id: 'completeTask',
      method: 'post',
      path: '/tasks/{id}/complete',
      tag,
      summary: 'Complete a task',
      description: 'One that is completed stays as it is.',
      ifMatch: 'optional',
      idempotent: true,
      answers: one('The completed task.'),
      refuses: ['trashed', 'write_conflict'],
    },
    ({ id, ifMatch, once }) => once((ctx) => completeTask(ctx, { id, ifMatch }), resource),
  )

  api.operation(
    {
      id: 'reopenTask',
      method: 'post',
      path: '/tasks/{id}/reopen',
      tag,
      summary: 'Reopen a task',
      description: 'A completed or cancelled task is pending again; an open one stays as it is.',
      ifMatch: 'optional',
      idempotent: true,
      answers: one('The open task.'),
      refuses: ['trashed', 'write_conflict'],
    },
    ({ id, ifMatch, once }) => once((ctx) => reopenTask(ctx, { id, ifMatch }), resource),
  )

  api.operation(
    {
      id: 'restoreTask',
      method: 'post',
      path: '/tasks/{id}/restore',
      tag,
      summary: 'Take a task out of the trash',
      description:
        'With what went there together with it. Where its project is gone it goes to the inbox.',
      ifMatch: 'optional',
      idempotent: true,
      answers: one('The task.'),
      refuses: ['write_conflict'],
    },
    ({ id, ifMatch, once }) => once((ctx) => restoreTask(ctx, { id, ifMatch }), resource),
  )

  api.operation(
    {
      id: 'moveTask',
      method: 'post',
      path: '/tasks/{id}/move',
      tag,
      summary: 'Move a task',
      description: 'To another project, parent or place among the others. Its subtasks follow.',
      body: TaskMove,
      ifMatch: 'optional',
      idempotent: true,
      answers: one('The moved task.'),
      refuses: ['trashed', 'write_conflict'],
    },
    ({ id, ifMatch, body, once }) =>
      once((ctx) => moveTask(ctx, { id, ifMatch, move: body }), resource),
  )
}
