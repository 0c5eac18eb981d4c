import type { Query, Values } from '../db/statement.ts'
import type { Ctx } from './context.ts'
import { actorIdOf } from './parties.ts'

/** Milliseconds of long work that count as one request. */
const MS_PER_POINT = 10

/**
 * Runs a query that may take long because the caller owns much. It waits for the caller's turn,
 * runs where it does not delay other requests, and counts against the caller's rate limit. A
 * `short` query runs at once, like any other. Returns the rows, and the milliseconds that the
 * database worked on them.
 */
export const readLong = async <T>(
  ctx: Ctx,
  query: Query<T>,
  values: Values,
  { short = false }: { readonly short?: boolean } = {},
): Promise<{ rows: T[]; ms: number }> => {
  let ms = 0
  const took = (taken: number) => {
    ms += taken
    ctx.charge?.(taken / MS_PER_POINT)
  }
  const read = () => ctx.db.all(query, values, { short, took })
  const rows = await (ctx.longReadQueue && !short
    ? ctx.longReadQueue.run(actorIdOf(ctx), read, () => ms)
    : read())
  return { rows, ms }
}
