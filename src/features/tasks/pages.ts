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
/** Both in one statement: a task that gets or loses its due meanwhile is on the page once. */
type Part = Stretch | 'both'
type Order = { readonly name: Sort; readonly descending: boolean }

export const orderOf = (sort: TaskFilters['sort']): Order => ({ name: sort.replace(/^-/, '') as Sort, descending: sort.startsWith('-') })
export const placeOfTask = ({ name }: Order, task: Task): Place => ({ key: sortBy[name].keyOf(task), id: task.id })

type Listing = { readonly order: Order; readonly conditions: Conditions; readonly continued: boolean }

/** What belongs to a stretch, and its order. */
const stretchOf = (dialect: Dialect, { order: { name, descending }, conditions, continued }: Listing, stretch: Stretch) => {
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
  return {
    where: visible(tasks.ownerId, ...conditions.map(({ make }) => make(dialect)), inStretch, seek),
    orderBy: [...(column ? [order(column)] : []), order(tasks.id)],
  }
}

const limit = sql.placeholder('limit')

/** The ids of a page, as a table. */
const idsOf = (dialect: Dialect, listing: Listing, stretch: Stretch) => {
  const { where, orderBy } = stretchOf(dialect, listing, stretch)
  const { tasks } = dialect.t
  return dialect.q
    .select({ id: tasks.id })
    .from(tasks)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit)
    .as(stretch)
}

const build = (dialect: Dialect, listing: Listing, part: Part): Query<Task> => {
  const { tasks } = dialect.t
  if (part === 'both') {
    const undated = idsOf(dialect, { ...listing, continued: false }, 'undated')
    const ids = sql`(select id from ${idsOf(dialect, listing, 'dated')} union all select id from ${undated}) as page`
    const orderBy = [sql`case when ${tasks.dueWall} = '' then 1 else 0 end`, asc(tasks.dueWall), asc(tasks.id)]
    return taskQuery(dialect, (select) =>
      select
        .innerJoin(ids, sql`page.id = ${tasks.id}`)
        .orderBy(...orderBy)
        .limit(limit),
    )
  }
  const { where, orderBy } = stretchOf(dialect, listing, part)
  if (!sortBy[listing.order.name].unindexed)
    return taskQuery(dialect, (select) =>
      select
        .where(where)
        .orderBy(...orderBy)
        .limit(limit),
    )
  // Whoever sorts by what has no index reads all of the owner's tasks: then the wide index, and whole rows for the page only.
  const page = idsOf(dialect, listing, part)
  return taskQuery(dialect, (select) => select.innerJoin(page, eq(page.id, tasks.id)).orderBy(...orderBy))
}

/** Filters combine freely, so the statements of lists are kept by use. */
const KEPT = 500
const statements = perDialect((dialect) => {
  const cache = new LRUCache<string, Query<Task>>({ max: KEPT })
  return (listing: Listing, part: Part): Query<Task> => {
    const { order, conditions, continued } = listing
    const key = [order.name, order.descending, part, continued, ...conditions.map((c) => c.key)].join(' ')
    const found = cache.get(key) ?? build(dialect, listing, part)
    cache.set(key, found)
    return found
  }
})

/** What D1 takes in a statement. Where filters have more values than fit twice, the stretches are read one after the other. */
const MAX_PARAMETERS = 100

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
  const listing = { order, conditions, continued: place !== undefined }
  const read = (part: Part) => ctx.db.all(statements(ctx.db)(listing, part), { ...values, limit })
  if (order.name !== 'due' || order.descending) return read('whole')
  if (placeKey === '') return read('undated')
  const dated = await read('dated')
  if (dated.length === limit) return dated
  const both = statements(ctx.db)(listing, 'both')
  if (both.bind({ ...values, limit }).length <= MAX_PARAMETERS) return read('both')
  const undated = statements(ctx.db)({ ...listing, continued: false }, 'undated')
  return [...dated, ...(await ctx.db.all(undated, { ...values, limit: limit - dated.length }))]
}
