import type { Query, Values } from '../db/statement.ts'
import type { Ctx } from './context.ts'
import { actorIdOf } from './parties.ts'

/** Milliseconds of long work that count as much as a request. */
const MS_PER_POINT = 10

/**
 * Rows of a query that may take long, for a caller who owns much: it waits until it is the caller's
 * turn, runs where it holds up no other request, and counts against the caller's limit. One that
 * has proved `short` runs at once, like any other. Answers the milliseconds, too, that the database
 * worked on it.
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
  const rows = await (ctx.turns && !short ? ctx.turns.run(actorIdOf(ctx), read, () => ms) : read())
  return { rows, ms }
}
