// Pages of tasks, each by one statement wherever one can do it.
import type { Ctx } from '../../core/context.ts'
import { knownByName } from '../../core/known-by-name.ts'
import type { Place } from '../../core/paging.ts'
import { readerIdOf } from '../../core/parties.ts'
import type { Query, Values } from '../../db/statement.ts'
import { isSplit, keyAt, type Order, placeOfTask } from './order.ts'
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
  /** What tells the page from other pages of the caller, where it may be asked for again. */
  readonly name?: string
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
 * The pages for which the tasks with a date were not enough the last time, and which one statement
 * can read.
 */
const endingUndated = knownByName<true>()

/**
 * Up to `limit` tasks behind `place`. Throws `invalid` for a place that no cursor of ours names.
 */
export const pageOfTasks = async (ctx: Ctx, listed: Listed): Promise<Task[]> => {
  const { order, conditions, limit, place, name, read } = listed
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
  const known = endingUndated(ctx.db)
  const key = `${readerIdOf(ctx)} ${name}`
  if (name !== undefined && known.get(key)) {
    const tasks = await readPart('both')
    const last = tasks[limit - 1]
    if (last && placeOfTask(order, last).key !== '') known.delete(key)
    return tasks
  }
  const dated = await readPart('dated')
  if (dated.length === limit) return dated
  const both = tasksIn(ctx.db)(listing, 'both')
  if (both.bind({ ...values, limit }).length <= MAX_PARAMETERS) {
    if (name !== undefined) known.set(key, true)
    return readPart('both')
  }
  // Filters with more values than fit twice: the stretches are read one after the other.
  const rest = limit - dated.length
  return [...dated, ...(await readPart('undated', rest, { ...listing, continued: false }))]
}
