import type { Ctx } from '../../core/context.ts'
import { type Call, inOrder } from './in-order.ts'
import type { Batch, BatchResult } from './schemas.ts'

export type One = Batch['operations'][number]

/** How a transport makes and answers single calls: without it there are no batches. */
export type Singles<C extends Ctx = Ctx> = {
  /** One operation, `index` in its batch. Refusals and failures are answers. */
  call(one: One, index: number): Call<C, BatchResult>
  /** The answer of what is not run. */
  notRun(one: One, why: string): BatchResult
}
export type BatchCtx = Ctx & { readonly singles?: Singles }

/** Points that an operation counts against the caller's limit, besides that of the request. */
const POINTS = 0.25
/** Characters of all results, so that an answer has bounds: what comes behind is not run. */
const MOST_CHARACTERS = 4 * 1024 * 1024

const lengthOf = (result: BatchResult): number => JSON.stringify(result).length

const STOPPED = 'An operation before it was refused, and on_error is stop.'
const TOO_LONG =
  'The results of the operations before it are as long as an answer may be. Send the rest again.'

/**
 * Makes the calls of a batch in order, and answers each as the single call would be. What was done
 * stays done where a later one is refused.
 */
export const runBatch = async (
  ctx: BatchCtx,
  { operations, on_error }: Batch,
): Promise<{ results: BatchResult[] }> => {
  const { singles } = ctx
  if (!singles) throw new Error('this transport has no batches')
  ctx.charge?.(operations.length * POINTS)
  const results: BatchResult[] = []
  const stops = ({ status }: BatchResult) => on_error === 'stop' && status >= 400
  const calls = operations.map((one, index) => singles.call(one, index))
  const how = { stops, lengthOf, mostLength: MOST_CHARACTERS }
  for await (const result of inOrder(ctx as Ctx, calls, how)) results.push(result)
  const why = results.some(stops) ? STOPPED : TOO_LONG
  const rest = operations.slice(results.length).map((one) => singles.notRun(one, why))
  return { results: [...results, ...rest] }
}
