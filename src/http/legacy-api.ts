// The contract of the backend that this replaces, kept for its clients: six operations, the same
// verbs, this translation.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Access } from '../core/access.ts'
import type { Ctx } from '../core/context.ts'
import { DomainError, notFound } from '../core/errors.ts'
import { say } from '../core/messages.ts'
import { permitted } from '../core/operation.ts'
import { z } from '../core/zod.ts'
import { operations } from '../features/operations.ts'
import {
  completeTask,
  createTask,
  Description,
  deleteTask,
  reopenTask,
  type Task,
  Title,
  taskDefaults,
  updateTask,
} from '../features/tasks/index.ts'
import type { Deps } from './deps.ts'
import type { Call, Method } from './endpoint.ts'
import { withFallback } from './fallback.ts'
import { badRequest, everyTask, isDone, translate } from './legacy-list.ts'
import { HttpProblem } from './problem.ts'
import { type Api, createApi } from './router.ts'

const tasksPath = '/api/{user_id}/tasks'
const taskPath = `${tasksPath}/{id}`
/**
 * Old clients send more than they mean and leave out what they do not: unknown fields are ignored
 * here, absent ones stay.
 */
const Content = z.object({ title: z.unknown().optional(), description: z.unknown().optional() })
type Content = z.output<typeof Content>

/** A field as the new contract takes it; what it refuses is 400 here. */
const fieldOf = (
  schema: typeof Title | typeof Description,
  name: string,
  given: unknown,
): string => {
  if (given === undefined || given === null) throw badRequest(`The ${name} is missing.`)
  const parsed = schema.safeParse(given, { error: say })
  if (parsed.success) return parsed.data
  throw badRequest(`The ${name} does not fit. ${parsed.error.issues[0]?.message ?? ''}`.trim())
}
const titleOf = ({ title }: Content): string => fieldOf(Title, 'title', title)
const descriptionOf = ({ description }: Content): string =>
  fieldOf(Description, 'description', description)

const OTHER_USER =
  "This path belongs to another user than the token's. /api/{user_id}/tasks is the original contract; this API is under /api/v1."
/** The path names the caller as the caller's token does; it is compared, never looked up. */
const expectOwnPath = ({ ctx, params }: Pick<Call, 'ctx' | 'params'>): Ctx => {
  if (params['user_id'] !== ctx.actor.subject) throw new HttpProblem('other_user', OTHER_USER)
  return ctx
}

/**
 * A task that is not in the trash: the original has none. To read it is an operation of its own, so
 * the caller may change only what they may read.
 */
const existing = async (call: Pick<Call, 'ctx' | 'params' | 'id'>): Promise<Task> => {
  const { actor } = expectOwnPath(call)
  const read = permitted(operations.getTask, actor)
  const nothing = { query: undefined, body: undefined, ifMatch: undefined }
  const task = await read(call.ctx, { id: call.id, ...nothing })
  if (task.deleted_at !== null) throw notFound('task')
  return task
}

/** Who may call it is what the operation says that does the same. */
const named = (
  id: `original.${string}`,
  { access }: { readonly access: Access },
  method: Method,
  path: string,
) => ({ id, access, method, path, anyQuery: true }) as const

const originalRoutes = (api: Api): void => {
  api.mount(
    {
      ...named('original.list', operations.listTasks, 'get', tasksPath),
      query: z.object({ status: z.string().default('all') }),
    },
    async (call) => {
      const ctx = expectOwnPath(call)
      return { status: 200, body: await everyTask(ctx, call.query.status) }
    },
  )

  api.mount(
    {
      ...named('original.create', operations.createTask, 'post', tasksPath),
      body: Content,
      idempotent: true,
    },
    (call) => {
      const { body } = call
      expectOwnPath(call)
      const given = {
        title: titleOf(body),
        description:
          body.description === undefined || body.description === null ? '' : descriptionOf(body),
      }
      return call.once(
        (ctx) => createTask(ctx, { ...taskDefaults, ...given }),
        (task) => ({ status: 201, body: translate(call.ctx, task) }),
      )
    },
  )

  api.mount(named('original.get', operations.getTask, 'get', taskPath), async (call) => ({
    status: 200,
    body: translate(call.ctx, await existing(call)),
  }))

  api.mount(
    { ...named('original.update', operations.updateTask, 'put', taskPath), body: Content },
    async (call) => {
      const { ctx, id, body } = call
      await existing(call)
      const patch = {
        ...(body.title !== undefined && { title: titleOf(body) }),
        ...(body.description !== undefined && {
          description: body.description === null ? '' : descriptionOf(body),
        }),
      }
      return {
        status: 200,
        body: translate(ctx, await updateTask(ctx, { id, ifMatch: undefined, patch })),
      }
    },
  )

  api.mount(named('original.delete', operations.deleteTask, 'delete', taskPath), async (call) => {
    const { id } = await existing(call)
    await deleteTask(call.ctx, { id, ifMatch: undefined })
    return { status: 204 }
  })

  api.mount(
    {
      ...named('original.complete', operations.completeTask, 'patch', `${taskPath}/complete`),
      body: z.object({ completed: z.unknown().optional() }),
      bodyOptional: true,
    },
    async (call) => {
      const { completed } = call.body
      if (completed !== undefined && typeof completed !== 'boolean')
        throw badRequest('completed is true or false.')
      return {
        status: 200,
        body: translate(
          call.ctx,
          await (completed === undefined ? toggle(call) : setCompleted(call, completed)),
        ),
      }
    },
  )
}

const withCompleted = (
  { ctx, id }: Pick<Call, 'ctx' | 'id'>,
  completed: boolean,
  ifMatch?: readonly string[],
): Promise<Task> => (completed ? completeTask : reopenTask)(ctx, { id, ifMatch })

const setCompleted = async (
  call: Pick<Call, 'ctx' | 'params' | 'id'>,
  completed: boolean,
): Promise<Task> => {
  const task = await existing(call)
  return completed === isDone(task) ? task : withCompleted(call, completed)
}

const TOGGLES = 5
/**
 * A toggle means what it read: where another request was faster it reads again and toggles that.
 */
const toggle = async (call: Pick<Call, 'ctx' | 'params' | 'id'>, attempt = 1): Promise<Task> => {
  const task = await existing(call)
  try {
    return await withCompleted(call, !isDone(task), [task.rev])
  } catch (error) {
    if (
      attempt === TOGGLES ||
      !(error instanceof DomainError) ||
      error.code !== 'precondition_failed'
    )
      throw error
    return toggle(call, attempt + 1)
  }
}

/**
 * The app of the original contract. Its paths begin with `/api/{user_id}`, so it is chosen by
 * prefix, after /api/v1.
 */
export const createOriginal = (deps: Deps): OpenAPIHono => {
  const api = createApi(deps)
  originalRoutes(api)
  return withFallback(api.app, deps)
}
