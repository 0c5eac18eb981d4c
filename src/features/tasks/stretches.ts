// The statements of lists of tasks: keyset pagination, `a >= x and (a > x or id > y)`, which every
// planner turns into one index range.
import { and, asc, desc, eq, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { canRead } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { type Query, query, value } from '../../db/statement.ts'
import type { conditionsOf } from './filter.ts'
import { columnOf, isIndexed, type Order } from './order.ts'
import { type QueryFor, revisionQuery, taskQuery } from './row.ts'

export type Conditions = ReturnType<typeof conditionsOf>

/**
 * Ascending by due or deadline, tasks with one and tasks without (whose column is '') are two stretches, so
 * that the latter come last.
 */
export type Stretch = 'whole' | 'dated' | 'undated'
/** Both in one statement: a task that gets or loses its due meanwhile is on the page once. */
export type Part = Stretch | 'both'

export type Listing = {
  readonly order: Order
  readonly conditions: Conditions
  /** Begins behind a place (`placeKey`, `placeId`). */
  readonly continued: boolean
  /** Ends with a place (`endKey`, `endId`), that one included. */
  readonly ends?: boolean
  /** Looks at few rows: conditions that cost something by themselves are asked of each. */
  readonly perRow?: boolean
}

/** What belongs to a stretch, and its order. */
const stretchOf = (dialect: Dialect, listing: Listing, stretch: Stretch) => {
  const { order, conditions, continued, ends, perRow } = listing
  const { tasks } = dialect.t
  const { descending } = order
  const orderColumn = columnOf(order, dialect)
  const column = stretch === 'undated' ? undefined : orderColumn
  /** Rows on one side of a place; `key` and `id` are its placeholders. */
  const side = (towards: 'behind' | 'upTo', key: string, id: string): SQL => {
    const up = (towards === 'behind') !== descending
    const [strictly, atLeast] = up ? [gt, gte] : [lt, lte]
    const byId = (towards === 'behind' ? strictly : atLeast)(tasks.id, value(tasks.id, id))
    if (!column) return byId
    return and(
      atLeast(column, value(column, key)),
      or(strictly(column, value(column, key)), byId),
    ) as SQL
  }
  const along = descending ? desc : asc
  const date = orderColumn ?? tasks.dueWall
  // Omit `due_wall > ''` after a cursor, which implies it: SQLite would start its scan there instead
  // of at the cursor.
  const inStretch =
    stretch === 'undated'
      ? eq(date, '')
      : stretch === 'dated' && !continued
        ? gt(date, '')
        : undefined
  return {
    where: canRead(
      tasks,
      ...conditions.map(({ make, makePerRow = make }) => (perRow ? makePerRow : make)(dialect)),
      inStretch,
      continued ? side('behind', 'placeKey', 'placeId') : undefined,
      ends ? side('upTo', 'endKey', 'endId') : undefined,
    ),
    orderBy: [...(column ? [along(column)] : []), along(tasks.id)],
    column,
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

const buildOf =
  <T>(queryFor: QueryFor<T>) =>
  (dialect: Dialect, listing: Listing, part: Part): Query<T> => {
    const { tasks } = dialect.t
    if (part === 'both') {
      const undated = idsOf(dialect, { ...listing, continued: false }, 'undated')
      const ids = sql`(select id from ${idsOf(dialect, listing, 'dated')} union all select id from ${undated}) as page`
      const date = columnOf(listing.order, dialect) ?? tasks.dueWall
      const orderBy = [sql`case when ${date} = '' then 1 else 0 end`, asc(date), asc(tasks.id)]
      return queryFor(dialect, (select) =>
        select
          .innerJoin(ids, sql`page.id = ${tasks.id}`)
          .orderBy(...orderBy)
          .limit(limit),
      )
    }
    const { where, orderBy } = stretchOf(dialect, listing, part)
    if (isIndexed(listing.order))
      return queryFor(dialect, (select) =>
        select
          .where(where)
          .orderBy(...orderBy)
          .limit(limit),
      )
    // Without an index in this order all of the owner's tasks are read: from the wide index, and
    // whole rows for the page only.
    const page = idsOf(dialect, listing, part)
    return queryFor(dialect, (select) =>
      select.innerJoin(page, eq(page.id, tasks.id)).orderBy(...orderBy),
    )
  }

/** Filters combine freely, so the statements of lists are kept by use. */
const KEPT = 500
const keptBy =
  <P extends Part, T>(make: (dialect: Dialect, listing: Listing, part: P) => Query<T>) =>
  (dialect: Dialect) => {
    const cache = new LRUCache<string, Query<T>>({ max: KEPT })
    return (listing: Listing, part: P): Query<T> => {
      const { order, conditions, continued, ends = false, perRow = false } = listing
      const key = [
        order.name,
        order.descending,
        part,
        continued,
        ends,
        perRow,
        ...conditions.map((c) => c.key),
      ].join(' ')
      const found = cache.get(key) ?? make(dialect, listing, part)
      cache.set(key, found)
      return found
    }
  }

/** The tasks of a listing: up to `limit` of them. */
export const tasksIn = perDialect(keptBy(buildOf(taskQuery)))
/** Their ids and revisions. */
export const revisionsIn = perDialect(keptBy(buildOf(revisionQuery)))

/** A place among rows: the value of the order's column ('' without one), and the id. */
export type RowPlace = { readonly key: unknown; readonly id: string }

/** The place of the row behind `skip` others. */
export const rowAfter = perDialect(
  keptBy<Stretch, RowPlace>((dialect, listing, stretch) => {
    const { where, orderBy, column } = stretchOf(dialect, listing, stretch)
    const { tasks } = dialect.t
    return query<RowPlace>(
      dialect.q
        .select({ key: column ?? sql<string>`''`.as('no_key'), id: tasks.id })
        .from(tasks)
        .where(where)
        .orderBy(...orderBy)
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('skip')),
    )
  }),
)
