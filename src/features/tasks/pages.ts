// Pages of tasks: keyset pagination, `a >= x and (a > x or id > y)`, which every planner turns into one index range.
import { and, asc, desc, eq, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { LRUCache } from 'lru-cache'
import { visible } from '../../core/access.ts'
import type { Ctx } from '../../core/context.ts'
import { invalid } from '../../core/errors.ts'
import type { Place } from '../../core/paging.ts'
import { isDate, isDateTime } from '../../core/wall-clock.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { type Query, value } from '../../db/statement.ts'
import type { conditionsOf } from './filter.ts'
import { priorities, type Sort, type Task, type TaskFilters } from './schemas.ts'
import { taskQuery, titleKeyOf } from './store.ts'

type Conditions = ReturnType<typeof conditionsOf>
type SortBy = {
  /** None for the time of creation: ids are made in its order. */
  readonly column?: (dialect: Dialect) => AnyMySqlColumn
  /** Has it no index of its own? */
  readonly unindexed?: true
  /** The value by which a task is sorted, as text for the cursor. */
  readonly keyOf: (task: Task) => string
  /** The value that stands in the database, from the cursor; undefined where it cannot be one of ours. */
  readonly parse: (key: string) => unknown
}
const asText = (key: string) => key
const isInstant = (key: string): boolean => !Number.isNaN(Date.parse(key)) && instantOf(Date.parse(key)) === key

const sortBy: Record<Sort, SortBy> = {
  created_at: { keyOf: () => '', parse: asText },
  updated_at: {
    column: ({ t }) => t.tasks.updatedAt,
    keyOf: (task) => task.updated_at,
    parse: (key) => (/^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(key) && isInstant(key) ? key : undefined),
  },
  due: {
    column: ({ t }) => t.tasks.dueWall,
    keyOf: ({ due }) => (due === null ? '' : 'date' in due ? due.date : due.datetime),
    parse: (key) => (key === '' || isDate(key) || isDateTime(key) ? key : undefined),
  },
  priority: {
    column: ({ t }) => t.tasks.priority,
    unindexed: true,
    keyOf: (task) => String(priorities.indexOf(task.priority)),
    parse: (key) => (/^[0-4]$/.test(key) ? Number(key) : undefined),
  },
  position: { column: ({ t }) => t.tasks.position, unindexed: true, keyOf: (task) => task.position, parse: asText },
  title: { column: ({ t }) => t.tasks.titleKey, unindexed: true, keyOf: (task) => titleKeyOf(task.title), parse: asText },
}

/** Ascending by due, tasks with one and tasks without (whose column is '') are two stretches, so that the latter come last. */
type Stretch = 'whole' | 'dated' | 'undated'
type Order = { readonly name: Sort; readonly descending: boolean }

export const orderOf = (sort: TaskFilters['sort']): Order => ({ name: sort.replace(/^-/, '') as Sort, descending: sort.startsWith('-') })
export const placeOfTask = ({ name }: Order, task: Task): Place => ({ key: sortBy[name].keyOf(task), id: task.id })

const build = (
  dialect: Dialect,
  { name, descending }: Order,
  conditions: Conditions,
  stretch: Stretch,
  continued: boolean,
): Query<Task> => {
  const { tasks } = dialect.t
  const [past, within, order] = descending ? [lt, lte, desc] : [gt, gte, asc]
  const column = stretch === 'undated' ? undefined : sortBy[name].column?.(dialect)
  const behindId = past(tasks.id, value(tasks.id, 'placeId'))
  const seek: SQL | undefined = !continued
    ? undefined
    : column
      ? and(within(column, value(column, 'placeKey')), or(past(column, value(column, 'placeKey')), behindId))
      : behindId
  // Behind a task with a due are only such: said once more, SQLite would take it for where to begin, and read all that lies before.
  const inStretch = stretch === 'undated' ? eq(tasks.dueWall, '') : stretch === 'dated' && !continued ? gt(tasks.dueWall, '') : undefined
  const where = visible(tasks.ownerId, ...conditions.map(({ make }) => make(dialect)), inStretch, seek)
  const orderBy = [...(column ? [order(column)] : []), order(tasks.id)]
  const limit = sql.placeholder('limit')
  if (!sortBy[name].unindexed)
    return taskQuery(dialect, (select) =>
      select
        .where(where)
        .orderBy(...orderBy)
        .limit(limit),
    )
  // Whoever sorts by what has no index reads all of the owner's tasks: then the wide index, and whole rows for the page only.
  const page = dialect.q
    .select({ id: tasks.id })
    .from(tasks)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit)
    .as('page')
  return taskQuery(dialect, (select) => select.innerJoin(page, eq(page.id, tasks.id)).orderBy(...orderBy))
}

/** Filters combine freely, so the statements of lists are kept by use. */
const KEPT = 500
const statements = perDialect((dialect) => {
  const cache = new LRUCache<string, Query<Task>>({ max: KEPT })
  return (order: Order, conditions: Conditions, stretch: Stretch, continued: boolean): Query<Task> => {
    const key = [order.name, order.descending, stretch, continued, ...conditions.map((c) => c.key)].join(' ')
    const found = cache.get(key) ?? build(dialect, order, conditions, stretch, continued)
    cache.set(key, found)
    return found
  }
})

/** Up to `limit` tasks behind `place`. Throws `invalid` for a place that no cursor of ours names. */
export const pageOfTasks = async (
  ctx: Ctx,
  order: Order,
  conditions: Conditions,
  limit: number,
  place: Place | undefined,
): Promise<Task[]> => {
  const placeKey = place && sortBy[order.name].parse(place.key)
  if (place && placeKey === undefined) throw invalid({ at: ['cursor'], code: 'malformed', detail: 'This is not a cursor of this service.' })
  const values = Object.assign({ reader: ctx.actor.userId, placeKey, placeId: place?.id }, ...conditions.map((c) => c.values))
  const read = (stretch: Stretch, continued: boolean, most: number) =>
    ctx.db.all(statements(ctx.db)(order, conditions, stretch, continued), { ...values, limit: most })
  if (order.name !== 'due' || order.descending) return read('whole', place !== undefined, limit)
  if (placeKey === '') return read('undated', true, limit)
  const dated = await read('dated', place !== undefined, limit)
  return dated.length === limit ? dated : [...dated, ...(await read('undated', false, limit - dated.length))]
}
