import type { Query, Values } from '../db/statement.ts'
import type { Ctx } from './context.ts'
import { actorIdOf } from './parties.ts'
import { provenShort } from './proven-short.ts'
import { ownedTasks } from './user-time-zone.ts'

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

/** Tasks of which all may be looked at while others wait. */
export const FEW_TASKS = 1_000

/**
 * Runs a query that looks at all tasks of the caller: at once where they are few, or where the query
 * `name` has been short for the caller of late, and otherwise as `readLong` does.
 */
export const readOfMany = async <T>(
  ctx: Ctx,
  name: string,
  query: Query<T>,
  values: Values,
): Promise<T[]> => {
  if ((await ownedTasks(ctx)) <= FEW_TASKS) return ctx.db.all(query, values)
  const short = provenShort(ctx, name)
  const { rows, ms } = await readLong(ctx, query, values, short)
  short.took(ms)
  return rows
}
