// Searches: lists whose conditions look into texts. They go through an account window by window, so
// that no statement runs long.
import type { Ctx } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import type { Place } from '../../core/paging.ts'
import type { Query, Values } from '../../db/statement.ts'
import { isIndexed, isSplit, type Order } from './order.ts'
import { type Listed, valuesOf } from './pages.ts'
import type { Task } from './schemas.ts'
import { type RowPlace, rowAfter, type Stretch, tasksIn } from './stretches.ts'

/**
 * What a page found. `stoppedAt`: it took too long to look further, and the next page begins there.
 */
export type Found = { readonly tasks: Task[]; readonly stoppedAt?: Place }

export type Pace = {
  /**
   * Tasks in the first window. Without an index all are sorted anew for each window, so these are
   * larger.
   */
  readonly first: { readonly indexed: number; readonly unindexed: number }
  /** Milliseconds of the database's after which a page ends with what it has found. */
  readonly budgetMs: number
  /** Is each window certain to be short? Then they are read where they are asked. */
  readonly short?: boolean
}
const usual: Pace = { first: { indexed: 250, unindexed: 2_000 }, budgetMs: 1_000 }
/** For users who own so little that all of it is looked through between the requests of others. */
export const little: Pace = {
  first: { indexed: 100, unindexed: 100 },
  budgetMs: 1_000,
  short: true,
}

const LARGEST = 16_000
const SMALLEST = 50
/** Milliseconds of the database's that the texts of a window should take. */
const [SHORT_MS, LONG_MS] = [10, 40]

/**
 * Up to `limit` tasks behind `place` that contain what is searched. Each window is read as it is at
 * that moment: a task that is moved from one into another by a change meanwhile may be missed, and
 * is never there twice. Throws what pageOfTasks throws.
 */
export const searchTasks = async (
  ctx: Ctx,
  { order, conditions, limit, place }: Omit<Listed, 'read'>,
  { first, budgetMs, short = false }: Pace = usual,
): Promise<Found> => {
  const others = conditions.filter(({ reads }) => reads !== 'texts')
  const values = valuesOf(ctx, { order, conditions, place })
  const found = new Map<string, Task>()
  let spent = 0
  let size = isIndexed(order) ? first.indexed : first.unindexed
  const read = async <T>(query: Query<T>, given: Values): Promise<T[]> => {
    const { rows, ms } = await readLong(ctx, query, given, { short })
    spent += ms
    return rows
  }

  for (const { stretch, begins } of stretchesFrom(order, values['placeKey'])) {
    let from: RowPlace | undefined =
      begins && place ? { key: values['placeKey'], id: place.id } : undefined
    for (;;) {
      const continued = from !== undefined
      const began = spent
      const here = { ...values, placeKey: from?.key, placeId: from?.id }
      const [end] = await read(
        rowAfter(ctx.db)({ order, conditions: others, continued, perRow: true }, stretch),
        {
          ...here,
          skip: size - 1,
        },
      )
      const [before, finding] = [spent, spent - began]
      const window = tasksIn(ctx.db)(
        { order, conditions, continued, ends: end !== undefined, perRow: true },
        stretch,
      )
      const tasks = await read(window, {
        ...here,
        endKey: end?.key,
        endId: end?.id,
        limit: limit - found.size,
      })
      for (const task of tasks) found.set(task.id, task)
      if (found.size >= limit) return { tasks: [...found.values()] }
      if (end === undefined) break
      if (spent > budgetMs) return { tasks: [...found.values()], stoppedAt: placeOfRow(end) }
      size = nextSize(size, spent - before, finding)
      from = end
    }
  }
  return { tasks: [...found.values()] }
}

type Leg = { readonly stretch: Stretch; readonly begins: boolean }
/** The stretches behind a place; only the first begins there. */
const stretchesFrom = (order: Order, placeKey: unknown): Leg[] => {
  if (!isSplit(order)) return [{ stretch: 'whole', begins: true }]
  const undated: Leg = { stretch: 'undated', begins: placeKey === '' }
  return placeKey === '' ? [undated] : [{ stretch: 'dated', begins: true }, undated]
}

const placeOfRow = ({ key, id }: RowPlace): Place => ({ key: String(key), id })

/**
 * The size of the next window, from the milliseconds that this one took and those that finding its
 * end took before. Without an index both begin with sorting all tasks, however small the window is:
 * so smaller ones would only sort more often.
 */
const nextSize = (size: number, ms: number, finding: number): number => {
  const texts = ms - finding
  if (texts < Math.max(SHORT_MS, finding)) return Math.min(LARGEST, size * 2)
  return texts > Math.max(LONG_MS, 2 * finding) ? Math.max(SMALLEST, Math.floor(size / 2)) : size
}
