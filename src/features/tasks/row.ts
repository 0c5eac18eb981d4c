// A task as its row: how it is read, how it is written, and what two of them differ in.
import { blockersLength, labelsLength, lengthened } from '../../core/stored-bytes.ts'
import { foldForSearch } from '../../core/text.ts'
import { fromColumns, toColumns } from '../../core/wall-clock.ts'
import type { Dialect } from '../../db/database.ts'
import { type Built, type CellsOf, type Query, query, queryOf } from '../../db/statement.ts'
import type { Field, FieldColumn } from './fields.ts'
import { happensOnce, recurrenceIn, recurrenceText } from './recurrence/row.ts'
import { priorities, type Status, type Task } from './schemas.ts'
import { MAX_DESCRIPTION_BYTES } from './texts.ts'

export type Revision = { readonly id: string; readonly rev: string }

/** A task's columns as they are read: one row, its labels' names included. */
export const columns = (dialect: Dialect) => {
  const { tasks } = dialect.t
  return [
    tasks.id,
    tasks.projectId,
    tasks.parentId,
    tasks.title,
    tasks.description,
    tasks.status,
    tasks.priority,
    tasks.startWall,
    tasks.startZone,
    tasks.dueWall,
    tasks.dueZone,
    tasks.deadline,
    tasks.estimateMinutes,
    tasks.url,
    tasks.externalId,
    tasks.blockedBy,
    tasks.recurrence,
    tasks.labels,
    tasks.extra,
    tasks.blocked,
    tasks.childCount,
    tasks.childrenDone,
    tasks.commentCount,
    tasks.position,
    tasks.createdBy,
    tasks.createdAt,
    tasks.updatedAt,
    tasks.completedAt,
    tasks.deletedAt,
    tasks.rev,
  ] as const
}
type Rows = ReturnType<typeof rows>
/** Makes a query of tasks of what a list adds to its columns: conditions, order and limit. */
export type QueryFor<T> = (dialect: Dialect, built: (select: Rows) => Built) => Query<T>
const rows = (dialect: Dialect) =>
  dialect.q.select(Object.fromEntries(columns(dialect).entries())).from(dialect.t.tasks)

/**
 * Straight from the cells, in the order of `columns`: with an object of them in between, a list
 * allocated a fifth more.
 */
export const toTask: (...cells: CellsOf<ReturnType<typeof columns>>) => Task = (
  id,
  project_id,
  parent_id,
  title,
  description,
  status,
  priority,
  startWall,
  startZone,
  dueWall,
  dueZone,
  deadline,
  estimate_minutes,
  url,
  external_id,
  blockedBy,
  recurrence,
  labels,
  extra,
  blocked,
  childCount,
  childrenDone,
  comment_count,
  position,
  created_by,
  created_at,
  updated_at,
  completed_at,
  deleted_at,
  rev,
) => ({
  id,
  project_id,
  parent_id,
  title,
  description,
  status: status as Status,
  priority: priorities[priority] ?? 'none',
  start: fromColumns(startWall, startZone),
  due: fromColumns(dueWall, dueZone),
  deadline: deadline === '' ? null : deadline,
  estimate_minutes,
  url,
  external_id,
  blocked_by: blockedBy?.sort() ?? [],
  ...(recurrence === null ? happensOnce : recurrenceIn(recurrence)),
  labels: labels?.sort() ?? [],
  extra: extra === null ? {} : (JSON.parse(extra) as Task['extra']),
  blocked,
  progress: childCount === 0 ? null : { completed: childrenDone, total: childCount },
  comment_count,
  position,
  created_by,
  created_at,
  updated_at,
  completed_at,
  deleted_at,
  rev,
})

/**
 * A query of tasks: what `built` adds to the columns of a task (its conditions, order and limit).
 */
export const taskQuery: QueryFor<Task> = (dialect, built) => queryOf(built(rows(dialect)), toTask)

/** The same of their ids and revisions. */
export const revisionQuery: QueryFor<Revision> = (dialect, built) => {
  const { id, rev } = dialect.t.tasks
  const select = dialect.q.select({ id, rev }).from(dialect.t.tasks)
  return query<Revision>(built(select as unknown as Rows) as never)
}

/**
 * A task as its row. Of what takes time to work out, only the columns of these fields are there;
 * `folded` is the description, folded. One literal: put together from parts, it took as long as
 * writing it.
 */
export const rowOf = (task: Task, fields: readonly Field[], folded: string) => {
  const start = fields.includes('start') ? toColumns(task.start) : undefined
  const due = fields.includes('due') ? toColumns(task.due) : undefined
  const named = fields.includes('title')
  return {
    id: task.id,
    projectId: task.project_id,
    parentId: task.parent_id,
    title: task.title,
    titleKey: named ? titleKeyOf(task.title) : undefined,
    description: task.description,
    haystack: named || fields.includes('description') ? haystackOf(task.title, folded) : undefined,
    status: task.status,
    priority: priorities.indexOf(task.priority),
    startWall: start?.wall,
    startZone: start?.zone,
    startAt: start?.at,
    dueWall: due?.wall,
    dueZone: due?.zone,
    dueAt: due?.at,
    deadline: task.deadline ?? '',
    estimateMinutes: task.estimate_minutes,
    url: task.url,
    externalId: task.external_id,
    blockedBy: task.blocked_by.length > 0 ? task.blocked_by : null,
    blocked: task.blocked,
    childCount: task.progress?.total ?? 0,
    childrenDone: task.progress?.completed ?? 0,
    commentCount: task.comment_count,
    position: task.position,
    createdBy: task.created_by,
    createdAt: task.created_at,
    updatedAt: task.updated_at,
    completedAt: task.completed_at,
    deletedAt: task.deleted_at,
    trashed: task.deleted_at !== null,
    rev: task.rev,
    labels: task.labels.length > 0 ? task.labels : null,
    recurrence: recurrenceText(task),
    statusBy: null,
    statusBefore: null,
    completedBefore: null,
    extra: fields.includes('extra') ? extraText(task.extra) : undefined,
  } satisfies Record<FieldColumn, unknown>
}

/** `extra` as its column: null where there is nothing in it. */
const extraText = (extra: Task['extra']): string | null =>
  Object.keys(extra).length === 0 ? null : JSON.stringify(extra)

const TITLE_KEY_LENGTH = 100
/** What sorting by title compares: folded, and no longer than its column. */
export const titleKeyOf = (title: string): string => {
  const key = foldForSearch(title)
  return key.length <= TITLE_KEY_LENGTH ? key : [...key].slice(0, TITLE_KEY_LENGTH).join('')
}
/**
 * Folding can make a text many times as long; search looks at this much of it: at all of a title and
 * a description of ASCII, however long.
 */
const HAYSTACK_LENGTH = 1_000 + MAX_DESCRIPTION_BYTES
export const haystackOf = (title: string, folded: string): string =>
  `${foldForSearch(title)}\n${folded}`.slice(0, HAYSTACK_LENGTH).toWellFormed()

/** How many bytes more the second of two rows takes that were made for the same fields. */
export const bytesBetween = (was: ReturnType<typeof rowOf>, is: ReturnType<typeof rowOf>): number =>
  lengthened(was.title, is.title) +
  lengthened(was.titleKey ?? '', is.titleKey ?? '') +
  lengthened(was.description, is.description) +
  lengthened(was.haystack ?? '', is.haystack ?? '') +
  lengthened(was.extra ?? '', is.extra ?? '') +
  lengthened(was.url ?? '', is.url ?? '') +
  lengthened(was.externalId ?? '', is.externalId ?? '') +
  lengthened(was.recurrence ?? '', is.recurrence ?? '') +
  labelsLength(is.labels ?? []) -
  labelsLength(was.labels ?? []) +
  blockersLength(is.blockedBy ?? []) -
  blockersLength(was.blockedBy ?? [])
