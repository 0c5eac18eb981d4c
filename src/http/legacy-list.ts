// Tasks in the shape of the original contract, and all of them as one list.
import { isWithin } from '../core/clock.ts'
import type { Ctx } from '../core/context.ts'
import { listTasks, type Task } from '../features/tasks/index.ts'
import { HttpProblem } from './problem.ts'

export const isDone = ({ status }: Task): boolean =>
  status === 'completed' || status === 'cancelled'

/** A task in the original shape. */
export const translate = (ctx: Ctx, task: Task) => ({
  id: task.id,
  title: task.title,
  description: task.description,
  status: isDone(task) ? 'completed' : 'pending',
  user_id: ctx.actor.subject,
  created_at: task.created_at,
  updated_at: task.updated_at,
})

export const badRequest = (detail: string) => new HttpProblem('bad_request', detail)

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
export const everyTask = async (
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
  const began = ctx.clock.now()
  let page = first
  return new ReadableStream({
    start: (stream) => stream.enqueue(encoder.encode(`[${textOf(first)}`)),
    pull: async (stream) => {
      if (!isWithin(LONGEST_ANSWER_MS, began, ctx.clock.now()))
        throw new Error('the list was read too slowly')
      if (page.next_cursor === null) {
        stream.enqueue(encoder.encode(']'))
        return stream.close()
      }
      page = await read(page.next_cursor)
      stream.enqueue(encoder.encode(page.items.length > 0 ? `,${textOf(page)}` : ''))
    },
  })
}
