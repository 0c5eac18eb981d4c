// The paths of tasks in the original contract, and those that its family uses beside them.
import { z } from '../../core/zod.ts'
import { usedLabels } from '../../features/labels/index.ts'
import { operations } from '../../features/operations.ts'
import { createTask, deleteTask, taskDefaults } from '../../features/tasks/index.ts'
import type { Call, Method } from '../endpoint.ts'
import { HttpProblem } from '../problem.ts'
import type { Answer } from '../result.ts'
import { countsOf } from './counts.ts'
import type { Described } from './described.ts'
import { type Body, changeIn, translate } from './fields.ts'
import { listText } from './list.ts'
import { badRequest } from './problem.ts'
import { type ListQuery, listQueryOf } from './query.ts'
import type { SchemaName } from './schemas.ts'
import { statusPart } from './status.ts'
import { changed, completeOrToggle, created, existing, expectOwnPath, present } from './verbs.ts'

/** How the answers differ from the original's where an operator wants it. */
export type LegacyOptions = {
  readonly list: ListQuery['envelope']
  /** What a DELETE answers: 204 without a body, or 200 with the task. */
  readonly deleted: 200 | 204
}

/** One path, below `/api/{user_id}` and below `/api`, and what it does. */
export type LegacyRoute = Described & {
  readonly id: `original.${string}`
  readonly methods: readonly Method[]
  readonly path: string
  /** Its body, and whether that may be missing. */
  readonly takes?: { readonly schema: SchemaName; readonly optional?: true }
  /** Does it take the parameters of a list? */
  readonly lists?: true
  readonly idempotent?: true
  run(call: Call, body: Body): Promise<Answer>
}

/**
 * Old clients send more than they mean and leave out what they do not: unknown fields are ignored
 * here, absent ones stay.
 */
export const AnyBody = z.record(z.string(), z.unknown())

const NO_CHAT = 'This service has no chat: /chat is not part of it.'

const task = (description: string) => ({ status: 200, description, schema: 'Task' }) as const

/** What several paths do alike. */
type Shared = Omit<LegacyRoute, 'id' | 'path'>
const counting: Shared = {
  operation: operations.listTasks,
  summary: 'Count tasks',
  answer: { status: 200, description: 'The counts.', schema: 'Counts' },
  methods: ['get'],
  run: async (call) => ({ status: 200, body: await countsOf(expectOwnPath(call)) }),
}
const completing: Shared = {
  operation: operations.completeTask,
  summary: 'Complete a task, or reopen it',
  description: 'With `completed` it sets that, without it toggles.',
  answer: task('The changed task.'),
  refuses: ['bad_request', 'precondition_failed'],
  methods: ['patch', 'post', 'put'],
  takes: { schema: 'Completion', optional: true },
  run: completeOrToggle,
}

export const legacyRoutes = ({ list, deleted }: LegacyOptions): readonly LegacyRoute[] => {
  const { listTasks, getTask } = operations
  return [
    {
      id: 'original.list',
      operation: listTasks,
      description: 'The newest first, and all of them, where no parameter says otherwise.',
      answer: { status: 200, description: 'The tasks.', schema: 'TaskList' },
      refuses: ['bad_request'],
      lists: true,
      methods: ['get'],
      path: '/tasks',
      run: async (call) => {
        const ctx = expectOwnPath(call)
        return { status: 200, body: await listText(ctx, listQueryOf(call.url, list)) }
      },
    },
    {
      id: 'original.create',
      operation: operations.createTask,
      answer: { status: 201, description: 'The new task.', schema: 'Task' },
      refuses: ['bad_request'],
      methods: ['post'],
      path: '/tasks',
      takes: { schema: 'NewTask' },
      idempotent: true,
      run: async (call, body) => {
        expectOwnPath(call)
        const input = { ...taskDefaults, ...created(body) }
        return call.once(
          (ctx) => createTask(ctx, input),
          (task) => ({ status: 201, body: translate(call.ctx, task) }),
        )
      },
    },
    { ...counting, id: 'original.stats', path: '/stats' },
    { ...counting, id: 'original.analytics', path: '/analytics' },
    {
      id: 'original.tags',
      operation: listTasks,
      summary: 'List the tags in use',
      answer: { status: 200, description: 'Their names, in order.', schema: 'Tags' },
      methods: ['get'],
      path: '/tags',
      run: async (call) => ({ status: 200, body: await usedLabels(expectOwnPath(call)) }),
    },
    {
      id: 'original.chat',
      operation: listTasks,
      summary: 'Not part of this service',
      description: NO_CHAT,
      answer: { status: 'default', description: 'There is no other answer.', schema: 'Problem' },
      refuses: ['not_implemented'],
      methods: ['post'],
      path: '/chat',
      run: async (call) => {
        expectOwnPath(call)
        throw new HttpProblem('not_implemented', NO_CHAT)
      },
    },
    {
      id: 'original.get',
      operation: getTask,
      description: 'The original has no trash: a task in it is not found here.',
      answer: task('The task.'),
      methods: ['get'],
      path: '/tasks/{id}',
      run: async (call) => present(call, await existing(call)),
    },
    {
      id: 'original.update',
      operation: operations.updateTask,
      description: 'What the body does not name stays, in a PUT too.',
      answer: task('The changed task.'),
      refuses: ['bad_request'],
      methods: ['put', 'patch'],
      path: '/tasks/{id}',
      takes: { schema: 'TaskChange' },
      run: (call, body) => changed(call, changeIn(body)),
    },
    {
      id: 'original.delete',
      operation: operations.deleteTask,
      answer:
        deleted === 204
          ? { status: 204, description: 'It is in the trash.' }
          : task('The task, which is in the trash now.'),
      methods: ['delete'],
      path: '/tasks/{id}',
      run: async (call) => {
        const task = await existing(call)
        await deleteTask(call.ctx, { id: task.id, ifMatch: undefined })
        return deleted === 204 ? { status: 204 } : present(call, task)
      },
    },
    { ...completing, id: 'original.complete', path: '/tasks/{id}/complete' },
    { ...completing, id: 'original.toggle', path: '/tasks/{id}/toggle' },
    {
      id: 'original.status',
      operation: operations.updateTask,
      summary: 'Set the status of a task',
      answer: task('The changed task.'),
      refuses: ['bad_request'],
      methods: ['patch', 'put', 'post'],
      path: '/tasks/{id}/status',
      takes: { schema: 'StatusChange' },
      run: async (call, body) => {
        const { status, extra } = changeIn(statusPart(body))
        if (status === undefined) throw badRequest('The status is missing.')
        return changed(call, { status, ...(extra && { extra }) })
      },
    },
  ]
}
