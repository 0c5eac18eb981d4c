// Lists of tasks in the family's shape, as one text: what is long is read while it is sent.
import { isWithin } from '../../core/clock.ts'
import type { Ctx } from '../../core/context.ts'
import { listTasks, type Task } from '../../features/tasks/index.ts'
import { translate } from './fields.ts'
import type { ListQuery } from './query.ts'

const PAGE = 200
/**
 * Stop streaming after 30 s, the lifetime of the credential cache, so that a revoked token cannot go
 * on reading.
 */
const LONGEST_ANSWER_MS = 30_000

/** The tasks that a query finds, some at a time. */
async function* tasksOf(
  ctx: Ctx,
  { filters, passes, keeps }: Pick<ListQuery, 'filters' | 'passes' | 'keeps'>,
): AsyncGenerator<Task[]> {
  const began = ctx.clock.now()
  for (const status of passes) {
    if (status?.length === 0) continue
    let cursor: string | undefined
    do {
      if (!isWithin(LONGEST_ANSWER_MS, began, ctx.clock.now()))
        throw new Error('the list was read too slowly')
      const page = await listTasks(ctx, {
        ...filters,
        status: status && [...status],
        deleted: false,
        limit: PAGE,
        cursor,
      })
      yield page.items.filter(keeps)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
  }
}

/** The same as pieces of JSON: an array, or an object with it and the number of all. */
async function* piecesOf(ctx: Ctx, query: ListQuery): AsyncGenerator<string> {
  const { offset, limit = Number.POSITIVE_INFINITY, envelope } = query
  let total = 0
  let sent = 0
  for await (const found of tasksOf(ctx, query)) {
    const from = Math.max(0, offset - total)
    const shown = found.slice(from, from + limit - sent)
    total += found.length
    const text = shown.map((task) => JSON.stringify(translate(ctx, task))).join(',')
    if (text !== '') yield sent > 0 ? `,${text}` : text
    sent += shown.length
    if (envelope === 'array' && sent >= limit) break
  }
  yield envelope === 'array'
    ? ']'
    : `],"total":${total},"count":${sent},"limit":${query.limit ?? null},"offset":${offset}}`
}

const encoder = new TextEncoder()
/** A page, the end of the list, and that nothing follows. */
const PIECES_AT_ONCE = 3

/** A list that fits into a page as text, a longer one as a stream of it. */
export const listText = async (
  ctx: Ctx,
  query: ListQuery,
): Promise<string | ReadableStream<Uint8Array>> => {
  const pieces = piecesOf(ctx, query)
  let start = query.envelope === 'array' ? '[' : '{"tasks":['
  for (let i = 0; i < PIECES_AT_ONCE; i++) {
    const { value, done } = await pieces.next()
    if (done) return start
    start += value
  }
  return new ReadableStream({
    start: (stream) => stream.enqueue(encoder.encode(start)),
    pull: async (stream) => {
      const { value, done } = await pieces.next()
      if (done) stream.close()
      else stream.enqueue(encoder.encode(value))
    },
    cancel: async () => void (await pieces.return(undefined)),
  })
}
