// What the routes of the original contract do with one task, by the verbs of the other API.
import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { permitted } from '../../core/operation.ts'
import type { z } from '../../core/zod.ts'
import { operations } from '../../features/operations.ts'
import {
  completeTask,
  isDone,
  NewTask,
  reopenTask,
  type Task,
  TaskPatch,
  updateTask,
} from '../../features/tasks/index.ts'
import type { Call } from '../endpoint.ts'
import { HttpProblem } from '../problem.ts'
import type { Answer } from '../result.ts'
import { type Body, type Change, changeIn, translate } from './fields.ts'
import { badRequest } from './problem.ts'
import { completedIn } from './status.ts'

const OTHER_USER =
  "This path belongs to another user than the token's. /api/{user_id}/tasks is the original contract; this API is under /api/v1."
/** The path names the caller as the caller's token does; it is compared, never looked up. */
export const expectOwnPath = ({ ctx, params }: Pick<Call, 'ctx' | 'params'>): Ctx => {
  const named = params['user_id']
  if (named !== undefined && named !== ctx.actor.subject)
    throw new HttpProblem('other_user', OTHER_USER)
  return ctx
}

/**
 * A task that is not in the trash: the original has none. To read it is an operation of its own, so
 * the caller may change only what they may read.
 */
export const existing = async (call: Pick<Call, 'ctx' | 'params' | 'id'>): Promise<Task> => {
  const { actor } = expectOwnPath(call)
  const read = permitted(operations.getTask, actor)
  const nothing = { query: undefined, body: undefined, ifMatch: undefined }
  const task = await read(call.ctx, { id: call.id, ...nothing })
  if (task.deleted_at !== null) throw notFound('task')
  return task
}

const keepsTooMuch = () =>
  badRequest(
    'What a task keeps beside its own fields (category, recurrence, reminders and the like) has to be readable text, and to fit into 20 texts and 4096 bytes.',
  )

/** What the schemas of the other API refuse, in the words of this one. */
const checked = <S extends z.ZodType>(schema: S, given: unknown): z.output<S> => {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.path[0] === 'extra') throw keepsTooMuch()
  throw badRequest(`The ${legacyName(issue?.path[0])} does not fit. ${issue?.message ?? ''}`.trim())
}
const legacyName = (field: PropertyKey | undefined): string =>
  field === 'due' ? 'due_date' : field === 'labels' ? 'tags' : String(field ?? 'task')

export const present = (call: Pick<Call, 'ctx'>, task: Task): Answer => ({
  status: 200,
  body: translate(call.ctx, task),
})

/** What is kept is checked together with what was there: a patch of it may name more than fits. */
export const changed = async (call: Call, { extra, ...change }: Change): Promise<Answer> => {
  const patch = { ...checked(TaskPatch, change), ...(extra && { extra }) }
  await existing(call)
  try {
    return present(call, await updateTask(call.ctx, { id: call.id, ifMatch: undefined, patch }))
  } catch (error) {
    if (error instanceof DomainError && error.faults[0]?.at[0] === 'extra') throw keepsTooMuch()
    throw error
  }
}

const withCompleted = (
  { ctx, id }: Pick<Call, 'ctx' | 'id'>,
  completed: boolean,
  ifMatch?: readonly string[],
): Promise<Task> => (completed ? completeTask : reopenTask)(ctx, { id, ifMatch })

const setCompleted = async (call: Call, completed: boolean): Promise<Task> => {
  const task = await existing(call)
  return completed === isDone(task.status) ? task : withCompleted(call, completed)
}

const TOGGLES = 5
/**
 * A toggle means what it read: where another request was faster it reads again and toggles that.
 */
const toggle = async (call: Call, attempt = 1): Promise<Task> => {
  const task = await existing(call)
  try {
    return await withCompleted(call, !isDone(task.status), [task.rev])
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

export const completeOrToggle = async (call: Call, body: Body): Promise<Answer> => {
  const completed = completedIn(body)
  return present(
    call,
    await (completed === undefined ? toggle(call) : setCompleted(call, completed)),
  )
}

/** Texts of a new task: the patch of one, without what it would take away. */
export const created = (body: Body) => {
  const { extra = {}, due, ...change } = changeIn(body)
  if (change.title === undefined) throw badRequest('The title is missing.')
  const dated = due && Object.fromEntries(Object.entries(due).filter(([, part]) => part !== null))
  return checked(NewTask, {
    ...change,
    ...(dated && { due: dated }),
    extra: Object.fromEntries(Object.entries(extra).filter(([, text]) => text !== null)),
  })
}
