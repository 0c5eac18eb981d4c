// The paths of tasks in the original contract, and those that its family uses beside them.
import type { Access } from '../../core/access.ts'
import { z } from '../../core/zod.ts'
import { usedLabels } from '../../features/labels/index.ts'
import { operations } from '../../features/operations.ts'
import { createTask, deleteTask, taskDefaults } from '../../features/tasks/index.ts'
import type { Call, Method } from '../endpoint.ts'
import { HttpProblem } from '../problem.ts'
import type { Answer } from '../result.ts'
import { countsOf } from './counts.ts'
import { type Body, changeIn, translate } from './fields.ts'
import { listText } from './list.ts'
import { badRequest } from './problem.ts'
import { type ListQuery, listQueryOf } from './query.ts'
import { changed, completeOrToggle, created, existing, expectOwnPath, present } from './verbs.ts'

/** How the answers differ from the original's where an operator wants it. */
export type LegacyOptions = {
  readonly list: ListQuery['envelope']
  /** What a DELETE answers: 204 without a body, or 200 with the task. */
  readonly deleted: 200 | 204
}

/** One path, below `/api/{user_id}` and below `/api`, and what it does. */
export type LegacyRoute = {
  readonly id: `original.${string}`
  /** Who may call it is what the operation says that does the same. */
  readonly access: Access
  readonly methods: readonly Method[]
  readonly path: string
  readonly takes?: 'body' | 'optional body'
  readonly idempotent?: true
  run(call: Call, body: Body): Promise<Answer>
}

/**
 * Old clients send more than they mean and leave out what they do not: unknown fields are ignored
 * here, absent ones stay.
 */
export const AnyBody = z.record(z.string(), z.unknown())

const NO_CHAT = 'This service has no chat: /chat is not part of it.'

export const legacyRoutes = ({ list, deleted }: LegacyOptions): readonly LegacyRoute[] => {
  const { listTasks, getTask } = operations
  return [
    {
      id: 'original.list',
      access: listTasks.access,
      methods: ['get'],
      path: '/tasks',
      run: async (call) => {
        const ctx = expectOwnPath(call)
        return { status: 200, body: await listText(ctx, listQueryOf(call.url, list)) }
      },
    },
    {
      id: 'original.create',
      access: operations.createTask.access,
      methods: ['post'],
      path: '/tasks',
      takes: 'body',
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
    {
      id: 'original.stats',
      access: listTasks.access,
      methods: ['get'],
      path: '/stats',
      run: async (call) => ({ status: 200, body: await countsOf(expectOwnPath(call)) }),
    },
    {
      id: 'original.analytics',
      access: listTasks.access,
      methods: ['get'],
      path: '/analytics',
      run: async (call) => ({ status: 200, body: await countsOf(expectOwnPath(call)) }),
    },
    {
      id: 'original.tags',
      access: listTasks.access,
      methods: ['get'],
      path: '/tags',
      run: async (call) => ({ status: 200, body: await usedLabels(expectOwnPath(call)) }),
    },
    {
      id: 'original.chat',
      access: listTasks.access,
      methods: ['post'],
      path: '/chat',
      run: async (call) => {
        expectOwnPath(call)
        throw new HttpProblem('not_implemented', NO_CHAT)
      },
    },
    {
      id: 'original.get',
      access: getTask.access,
      methods: ['get'],
      path: '/tasks/{id}',
      run: async (call) => present(call, await existing(call)),
    },
    {
      id: 'original.update',
      access: operations.updateTask.access,
      methods: ['put', 'patch'],
      path: '/tasks/{id}',
      takes: 'body',
      run: (call, body) => changed(call, changeIn(body)),
    },
    {
      id: 'original.delete',
      access: operations.deleteTask.access,
      methods: ['delete'],
      path: '/tasks/{id}',
      run: async (call) => {
        const task = await existing(call)
        await deleteTask(call.ctx, { id: task.id, ifMatch: undefined })
        return deleted === 204 ? { status: 204 } : present(call, task)
      },
    },
    {
      id: 'original.complete',
      access: operations.completeTask.access,
      methods: ['patch', 'post', 'put'],
      path: '/tasks/{id}/complete',
      takes: 'optional body',
      run: completeOrToggle,
    },
    {
      id: 'original.toggle',
      access: operations.completeTask.access,
      methods: ['patch', 'post', 'put'],
      path: '/tasks/{id}/toggle',
      takes: 'optional body',
      run: completeOrToggle,
    },
    {
      id: 'original.status',
      access: operations.updateTask.access,
      methods: ['patch', 'put', 'post'],
      path: '/tasks/{id}/status',
      takes: 'body',
      run: async (call, body) => {
        const { status, extra } = changeIn({
          status: body['status'],
          completed: body['completed'] ?? body['is_completed'],
        })
        if (status === undefined) throw badRequest('The status is missing.')
        return changed(call, { status, ...(extra && { extra }) })
      },
    },
  ]
}
