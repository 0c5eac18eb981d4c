// The contract of the backend that this replaces, kept for its clients: six operations, the same
// verbs, this translation.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Access } from '../core/access.ts'
import type { Ctx } from '../core/context.ts'
import { DomainError, notFound } from '../core/errors.ts'
import { say } from '../core/messages.ts'
import { z } from '../core/zod.ts'
import { operations } from '../features/operations.ts'
import {
  completeTask,
  createTask,
  Description,
  deleteTask,
  getTask,
  listTasks,
  reopenTask,
  type Task,
  Title,
  updateTask,
} from '../features/tasks/index.ts'
import type { Deps } from './deps.ts'
import type { Call, Method } from './endpoint.ts'
import { withFallback } from './fallback.ts'
import { HttpProblem } from './problem.ts'
import { type Api, createApi } from './router.ts'

const tasksPath = '/api/{user_id}/tasks'
const taskPath = `${tasksPath}/{id}`
const isDone = ({ status }: Task): boolean => status === 'completed' || status === 'cancelled'

/** A task in the original shape. */
const translate = (ctx: Ctx, task: Task) => ({
  id: task.id,
  title: task.title,
  description: task.description,
  status: isDone(task) ? 'completed' : 'pending',
  user_id: ctx.actor.subject,
  created_at: task.created_at,
  updated_at: task.updated_at,
})

const badRequest = (detail: string) => new HttpProblem('bad_request', detail)

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

/** A task that is not in the trash: the original has none. */
const existing = async (call: Pick<Call, 'ctx' | 'params' | 'id'>): Promise<Task> => {
  const task = await getTask(expectOwnPath(call), call.id)
  if (task.deleted_at !== null) throw notFound('task')
  return task
}

const statusOf = {
  all: undefined,
  pending: ['pending', 'in_progress'],
  completed: ['completed', 'cancelled'],
} as const
const PAGE = 200
/**
 * A list that is still being sent ends with the credential that asked for it: no later than what is
 * remembered of that.
 */
const LONGEST_ANSWER_MS = 30_000

/**
 * All tasks, the newest first, as the text of one array: the original knows no pages. What is long
 * is read while it is sent.
 */
const everyTask = async (
  ctx: Ctx,
  status: string,
): Promise<string | ReadableStream<Uint8Array>> => {
  if (!Object.hasOwn(statusOf, status)) throw badRequest('The status is all, pending or completed.')
  const wanted = statusOf[status as keyof typeof statusOf]
  const read = (cursor: string | undefined) =>
    listTasks(ctx, {
      sort: '-created_at',
      deleted: false,
      limit: PAGE,
      cursor,
      ...(wanted && { status: [...wanted] }),
    })
  const textOf = ({ items }: { items: Task[] }) =>
    items.map((task) => JSON.stringify(translate(ctx, task))).join(',')
  const first = await read(undefined)
  if (first.next_cursor === null) return `[${textOf(first)}]`
  const encoder = new TextEncoder()
  const end = ctx.clock.now() + LONGEST_ANSWER_MS
  let page = first
  return new ReadableStream({
    start: (stream) => stream.enqueue(encoder.encode(`[${textOf(first)}`)),
    pull: async (stream) => {
      if (ctx.clock.now() > end) throw new Error('the list was read too slowly')
      if (page.next_cursor === null) {
        stream.enqueue(encoder.encode(']'))
        return stream.close()
      }
      page = await read(page.next_cursor)
      stream.enqueue(encoder.encode(page.items.length > 0 ? `,${textOf(page)}` : ''))
    },
  })
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
      const fresh = {
        ...given,
        status: 'pending',
        priority: 'none',
        parent_id: null,
        start: null,
        due: null,
        labels: [],
      } as const
      return call.once(
        (ctx) => createTask(ctx, { ...fresh, labels: [] }),
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

const setCompleted = async (
  call: Pick<Call, 'ctx' | 'params' | 'id'>,
  completed: boolean,
  ifMatch?: readonly string[],
): Promise<Task> => {
  const task = await existing(call)
  if (completed === isDone(task)) return task
  return (completed ? completeTask : reopenTask)(call.ctx, { id: call.id, ifMatch })
}

const TOGGLES = 5
/**
 * A toggle means what it read: where another request was faster it reads again and toggles that.
 */
const toggle = async (call: Pick<Call, 'ctx' | 'params' | 'id'>, attempt = 1): Promise<Task> => {
  const task = await existing(call)
  try {
    return await setCompleted(call, !isDone(task), [task.rev])
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
