// Pages of tasks, each by one statement wherever one can do it.
import type { Ctx } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import { readerIdOf } from '../../core/parties.ts'
import type { Query, Values } from '../../db/statement.ts'
import { isSplit, keyAt, type Order } from './order.ts'
import type { Revision } from './row.ts'
import type { Task } from './schemas.ts'
import { type Conditions, type Part, revisionsIn, tasksIn } from './stretches.ts'

/** What D1 takes in a statement. */
const MAX_PARAMETERS = 100

/** One statement of a page. */
export type Reading = {
  readonly part: Part
  readonly whole: Query<Task>
  readonly revisions: () => Query<Revision>
  readonly values: Values
}

export type Listed = {
  readonly order: Order
  readonly conditions: Conditions
  readonly limit: number
  /** Where the page before ended. */
  readonly place: Place | undefined
  readonly read: (reading: Reading) => Promise<Task[]>
}

/**
 * The values of a list's placeholders. Throws `invalid` for a place that no cursor of ours names.
 */
export const valuesOf = (
  ctx: Ctx,
  { order, conditions, place }: Pick<Listed, 'order' | 'conditions' | 'place'>,
): Values =>
  Object.assign(
    { reader: readerIdOf(ctx), placeKey: place && keyAt(order, place), placeId: place?.id },
    ...conditions.map((condition) => condition.values),
  )

/**
 * Up to `limit` tasks behind `place`. Throws `invalid` for a place that no cursor of ours names.
 */
export const pageOfTasks = async (ctx: Ctx, listed: Listed): Promise<Task[]> => {
  const { order, conditions, limit, place, read } = listed
  const values = valuesOf(ctx, listed)
  const listing = { order, conditions, continued: place !== undefined }
  const readPart = (part: Part, most = limit, of = listing) =>
    read({
      part,
      whole: tasksIn(ctx.db)(of, part),
      revisions: () => revisionsIn(ctx.db)(of, part),
      values: { ...values, limit: most },
    })
  if (!isSplit(order)) return readPart('whole')
  if (values['placeKey'] === '') return readPart('undated')
  const dated = await readPart('dated')
  if (dated.length === limit) return dated
  const both = tasksIn(ctx.db)(listing, 'both')
  if (both.bind({ ...values, limit }).length <= MAX_PARAMETERS) return readPart('both')
  // Filters with more values than fit twice: the stretches are read one after the other.
  const rest = limit - dated.length
  return [...dated, ...(await readPart('undated', rest, { ...listing, continued: false }))]
}
