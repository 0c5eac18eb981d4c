// The filters of a list of tasks, as conditions. Each has a key that names its shape: lists of one
// shape share a statement.
import { and, eq, gte, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm'
import { OPEN_LIST } from '../../core/open-statuses.ts'
import { foldForSearch } from '../../core/text.ts'
import { canReadLabel } from '../../core/visibility.ts'
import { reachedAt } from '../../core/wall-clock.ts'
import type { Dialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { containsText, literal } from '../../db/portable.ts'
import { fillList, listOf, plain, slotsFor, type Values, value } from '../../db/statement.ts'
import type { Bound, TaskFilters } from './filter-schemas.ts'
import { priorities } from './schemas.ts'

type Condition = {
  readonly key: string
  readonly make: (dialect: Dialect) => SQL
  readonly values: Values
  /**
   * The same, where only some of the rows are looked at: it costs each of them a little, and
   * nothing besides.
   */
  readonly makePerRow?: (dialect: Dialect) => SQL
  /** Does it look into texts? That takes a hundred times as long as other conditions. */
  readonly reads?: 'texts'
}

const MAX_WORDS = 10

/**
 * The conditions that the filters ask for. `zone` is the caller's time zone and `nowMs` the
 * present.
 */
export const conditionsOf = (
  filters: Omit<TaskFilters, 'sort'>,
  { nowMs, zone }: { nowMs: number; zone: string },
): Condition[] => {
  const {
    project_id,
    status,
    priority,
    label,
    parent_id,
    due_before,
    due_after,
    deadline_before,
    deadline_after,
    blocked,
    external_id,
    overdue,
    updated_since,
    q,
    deleted,
  } = filters
  return [
    {
      key: 'trashed',
      make: ({ t: { tasks } }) => eq(tasks.trashed, value(tasks.trashed, 'trashed')),
      values: { trashed: deleted },
    },
    ...(project_id ? [oneOf('projectId', project_id)] : []),
    ...(status ? [oneOf('status', status)] : []),
    ...(priority
      ? [
          oneOf(
            'priority',
            priority.map((name) => priorities.indexOf(name)),
          ),
        ]
      : []),
    ...(label ? [labelled(label)] : []),
    ...(parent_id ? [below(parent_id)] : []),
    ...(due_before ? [dueBefore(due_before, zone)] : []),
    ...(due_after ? [dueAfter(due_after, zone)] : []),
    ...(deadline_before ? [deadlineIs('deadlineBefore', lt, deadline_before)] : []),
    ...(deadline_after ? [deadlineIs('deadlineAfter', gte, deadline_after)] : []),
    ...(blocked === undefined ? [] : [isBlocked(blocked)]),
    ...(external_id === undefined ? [] : [isCalled(external_id)]),
    ...(overdue === undefined ? [] : [isOverdue(overdue, nowMs, zone)]),
    ...(updated_since === undefined ? [] : [updatedSince(updated_since)]),
    ...(q === undefined ? [] : wordsOf(q).map(contains)),
  ]
}

const oneOf = (
  column: 'projectId' | 'status' | 'priority',
  given: readonly (string | number)[],
): Condition => {
  const slots = slotsFor(given.length)
  return {
    key: `${column}:${slots}`,
    make: ({ t: { tasks } }) => sql`${tasks[column]} in ${listOf(tasks[column], column, slots)}`,
    values: fillList(column, given),
  }
}

const labelled = (names: readonly string[]): Condition => {
  const slots = slotsFor(names.length)
  return {
    key: `label:${slots}`,
    make: ({ t: { tasks, taskLabels, labels } }) =>
      sql`${tasks.id} in (select ${taskLabels.taskId} from ${taskLabels} inner join ${labels} on ${eq(labels.id, taskLabels.labelId)} where ${canReadLabel(labels, sql`${labels.name} in ${listOf(labels.name, 'label', slots)}`)})`,
    makePerRow: ({ t: { tasks, taskLabels, labels } }) =>
      sql`exists (select 1 from ${taskLabels} inner join ${labels} on ${eq(labels.id, taskLabels.labelId)} where ${eq(taskLabels.taskId, tasks.id)} and ${canReadLabel(labels, sql`${labels.name} in ${listOf(labels.name, 'label', slots)}`)})`,
    values: fillList('label', names),
  }
}

const below = (given: readonly string[]): Condition => {
  const ids = given.filter((id) => id !== 'none')
  const orNone = ids.length < given.length
  const slots = ids.length === 0 ? 0 : slotsFor(ids.length)
  return {
    key: `parent:${slots}:${orNone}`,
    make: ({ t: { tasks } }) =>
      or(
        slots > 0
          ? sql`${tasks.parentId} in ${listOf(tasks.parentId, 'parent', slots)}`
          : undefined,
        orNone ? isNull(tasks.parentId) : undefined,
      ) as SQL,
    values: ids.length === 0 ? {} : fillList('parent', ids),
  }
}

/** A wall clock as text that compares right with days, too: midnight is the day itself. */
const comparable = (wall: string): string => wall.replace(/T00:00:00$/, '')

/**
 * Zoned times compare by their instant, the others by the caller's wall clock; a bare date compares
 * by the wall clock always.
 */
const dueCondition = (
  name: 'dueBefore' | 'dueAfter',
  compare: typeof lt,
  limit: Bound,
  zone: string,
): Condition => {
  if ('date' in limit)
    return {
      key: `${name}:date`,
      make: ({ t: { tasks } }) =>
        and(ne(tasks.dueWall, ''), compare(tasks.dueWall, value(tasks.dueWall, name))) as SQL,
      values: { [name]: limit.date },
    }
  return {
    key: `${name}:instant`,
    make: ({ t: { tasks } }) =>
      or(
        compare(tasks.dueAt, value(tasks.dueAt, `${name}At`)),
        and(
          isNull(tasks.dueAt),
          ne(tasks.dueWall, ''),
          compare(tasks.dueWall, value(tasks.dueWall, name)),
        ),
      ) as SQL,
    values: {
      [`${name}At`]: instantOf(limit.ms),
      [name]: comparable(reachedAt(limit.ms, zone).wall),
    },
  }
}
const dueBefore = (limit: Bound, zone: string) => dueCondition('dueBefore', lt, limit, zone)
const dueAfter = (limit: Bound, zone: string) => dueCondition('dueAfter', gte, limit, zone)

const deadlineIs = (
  name: 'deadlineBefore' | 'deadlineAfter',
  compare: typeof lt,
  date: string,
): Condition => ({
  key: name,
  make: ({ t: { tasks } }) =>
    and(ne(tasks.deadline, ''), compare(tasks.deadline, value(tasks.deadline, name))) as SQL,
  values: { [name]: date },
})

const isBlocked = (blocked: boolean): Condition => ({
  key: `blocked:${blocked}`,
  make: (dialect) => eq(dialect.t.tasks.blocked, literal(dialect, blocked)),
  values: {},
})

const isCalled = (externalId: string): Condition => ({
  key: 'externalId',
  make: ({ t: { tasks } }) => eq(tasks.externalId, value(tasks.externalId, 'externalId')),
  values: { externalId },
})

/**
 * Open, and past: zoned times by their instant, floating ones by the caller's clock, days once they
 * are over.
 */
export const isOverdue = (overdue: boolean, nowMs: number, zone: string): Condition => {
  const { wall, date } = reachedAt(nowMs, zone)
  return {
    key: `overdue:${overdue}`,
    make: ({ t: { tasks } }) => {
      const past = or(
        and(sql`${tasks.dueAt} is not null`, lt(tasks.dueAt, value(tasks.dueAt, 'now'))),
        and(
          isNull(tasks.dueAt),
          ne(tasks.dueWall, ''),
          ne(tasks.dueWall, value(tasks.dueWall, 'today')),
          lt(tasks.dueWall, value(tasks.dueWall, 'wall')),
        ),
      )
      const condition = and(sql`${tasks.status} in ${OPEN_LIST}`, past) as SQL
      return overdue ? condition : sql`not (${condition})`
    },
    values: { now: instantOf(nowMs), wall: comparable(wall), today: date },
  }
}

const updatedSince = (ms: number): Condition => ({
  key: 'updatedSince',
  make: ({ t: { tasks } }) => gte(tasks.updatedAt, value(tasks.updatedAt, 'updatedSince')),
  values: { updatedSince: instantOf(ms) },
})

/** The words of a search, folded; beyond the tenth they count as one. */
const wordsOf = (q: string): string[] => {
  const words = foldForSearch(q).split(/\s+/).filter(Boolean)
  return words.length <= MAX_WORDS
    ? words
    : [...words.slice(0, MAX_WORDS - 1), words.slice(MAX_WORDS - 1).join(' ')]
}
const contains = (word: string, index: number): Condition => ({
  key: `word${index}`,
  make: (dialect) => containsText(dialect, dialect.t.tasks.haystack, plain(`word${index}`)),
  reads: 'texts',
  values: { [`word${index}`]: word },
})
