// The orders of a list of tasks, and the places in them that cursors name.
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { malformedCursor, type Place } from '../../core/paging.ts'
import { isDate, isDateTime } from '../../core/wall-clock.ts'
import type { Dialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import type { Sort, TaskFilters } from './filter-schemas.ts'
import { titleKeyOf } from './row.ts'
import { priorities, type Task } from './schemas.ts'

type SortBy = {
  /** None for the time of creation: ids are made in its order. */
  readonly column?: (dialect: Dialect) => AnyMySqlColumn
  /** Has it no index of its own? */
  readonly unindexed?: true
  /** Has a task without one '' there, and comes last also in ascending order? */
  readonly dated?: true
  /** The value by which a task is sorted, as text for the cursor. */
  readonly keyOf: (task: Task) => string
  /**
   * The value that stands in the database, from the cursor; undefined where it cannot be one of
   * ours.
   */
  readonly parse: (key: string) => unknown
}
const asText = (key: string) => key
const isInstant = (key: string): boolean =>
  !Number.isNaN(Date.parse(key)) && instantOf(Date.parse(key)) === key

/** By their text, for cursors. */
const priorityRanks = new Map(priorities.map((_, rank) => [String(rank), rank]))

const sortBy: Record<Sort, SortBy> = {
  created_at: { keyOf: () => '', parse: asText },
  updated_at: {
    column: ({ t }) => t.tasks.updatedAt,
    keyOf: (task) => task.updated_at,
    parse: (key) =>
      /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(key) && isInstant(key) ? key : undefined,
  },
  due: {
    column: ({ t }) => t.tasks.dueWall,
    dated: true,
    keyOf: ({ due }) => (due === null ? '' : 'date' in due ? due.date : due.datetime),
    parse: (key) => (key === '' || isDate(key) || isDateTime(key) ? key : undefined),
  },
  deadline: {
    column: ({ t }) => t.tasks.deadline,
    unindexed: true,
    dated: true,
    keyOf: ({ deadline }) => deadline ?? '',
    parse: (key) => (key === '' || isDate(key) ? key : undefined),
  },
  priority: {
    column: ({ t }) => t.tasks.priority,
    unindexed: true,
    keyOf: (task) => String(priorities.indexOf(task.priority)),
    parse: (key) => priorityRanks.get(key),
  },
  position: {
    column: ({ t }) => t.tasks.position,
    unindexed: true,
    keyOf: (task) => task.position,
    parse: asText,
  },
  title: {
    column: ({ t }) => t.tasks.titleKey,
    unindexed: true,
    keyOf: (task) => titleKeyOf(task.title),
    parse: asText,
  },
}

export type Order = { readonly name: Sort; readonly descending: boolean }

export const orderOf = (sort: TaskFilters['sort']): Order => ({
  name: sort.replace(/^-/, '') as Sort,
  descending: sort.startsWith('-'),
})
export const placeOfTask = ({ name }: Order, task: Task): Place => ({
  key: sortBy[name].keyOf(task),
  id: task.id,
})
/** The column that the order goes by before it goes by id; undefined where it goes by id alone. */
export const columnOf = ({ name }: Order, dialect: Dialect): AnyMySqlColumn | undefined =>
  sortBy[name].column?.(dialect)
/** Is there an index in this order? Without one all of the owner's tasks are sorted for a page. */
export const isIndexed = ({ name }: Order): boolean => !sortBy[name].unindexed

/** Are tasks without a date a stretch of their own, behind those with one? */
export const isSplit = ({ name, descending }: Order): boolean =>
  !descending && sortBy[name].dated === true

/**
 * The value of the order's column at a place. Throws `invalid` for a place that no cursor of ours
 * names.
 */
export const keyAt = ({ name }: Order, place: Place): unknown => {
  const key = sortBy[name].parse(place.key)
  if (key !== undefined) return key
  throw malformedCursor()
}
