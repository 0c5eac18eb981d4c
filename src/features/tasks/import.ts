// Tasks of another backend, brought here with their times: for the operator (`importTasks`), and for
// users who bring a file (`importPlan`).
import { and, eq, sql } from 'drizzle-orm'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf, type OwnerId, readerIdOf } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { slices } from '../../core/slices.ts'
import { type Plan, retrying } from '../../core/unit-of-work.ts'
import { canReadAmong, ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { literal } from '../../db/portable.ts'
import { fillList, LISTED, listOf, perSlots, query, slotsFor } from '../../db/statement.ts'
import { resolveLabels } from '../labels/index.ts'
import { expectFree } from './external-ids.ts'
import { countTrashed, guardsOfNew } from './guards.ts'
import { type NewPlacement, placeNew } from './placement.ts'
import { type NewTask, newTaskState, type Task } from './schemas.ts'
import { insertTask, linkLabel } from './store.ts'

/** A new task that knows its id, and when it was made, changed and completed; null: now. */
export type ImportedTask = Omit<
  NewTask,
  | 'id'
  | 'project_id'
  | 'parent_id'
  | 'external_id'
  | 'blocked_by'
  | 'created_at'
  | 'completed_at'
  | 'recurrence'
> & {
  readonly id: string
  readonly created_at: Instant | null
  readonly updated_at: Instant | null
  readonly completed_at: Instant | null
}

type Found = { readonly id: string }
/** Where a task is that has an id of an imported one. */
export type Present = {
  readonly id: string
  readonly projectId: string
  readonly trashed: boolean
  readonly externalId: string | null
}
const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, changes } = t
  const listed = (slots: number) => sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`
  return {
    present: perSlots((slots) =>
      query<Present>(
        q
          .select({
            id: tasks.id,
            projectId: tasks.projectId,
            trashed: tasks.trashed,
            externalId: tasks.externalId,
          })
          .from(tasks)
          .where(canReadAmong(tasks, listed(slots))),
      ),
    ),
    taken: perSlots((slots) =>
      query<Found>(q.select({ id: tasks.id }).from(tasks).where(listed(slots))),
    ),
    gone: perSlots((slots) =>
      query<Found>(
        q
          .select({ id: changes.entityId })
          .from(changes)
          .where(
            ofAccount(
              changes.readerId,
              and(
                sql`${changes.entityId} in ${listOf(changes.entityId, 'id', slots)}`,
                eq(changes.gone, literal(dialect, true)),
              ),
            ),
          ),
      ),
    ),
  }
})

/** The tasks of the caller that have these ids. */
export const findPresent = async (
  ctx: Ctx,
  ids: readonly string[],
): Promise<Map<string, Present>> => {
  const found = new Map<string, Present>()
  for (const some of slices(ids, LISTED)) {
    const values = { reader: readerIdOf(ctx), ...fillList('id', some) }
    for (const task of await ctx.db.all(statements(ctx.db).present(slotsFor(some.length)), values))
      found.set(task.id, task)
  }
  return found
}

/** Those of these ids that any task has, also one of another user. */
export const takenIds = async (ctx: Ctx, ids: readonly string[]): Promise<Set<string>> => {
  const found = new Set<string>()
  for (const some of slices(ids, LISTED))
    for (const { id } of await ctx.db.all(
      statements(ctx.db).taken(slotsFor(some.length)),
      fillList('id', some),
    ))
      found.add(id)
  return found
}

/**
 * Those of these ids that tasks of the caller have, or had: the change log knows for three months
 * what was deleted for good.
 */
export const findImported = async (ctx: Ctx, ids: readonly string[]): Promise<Set<string>> => {
  const found = new Set((await findPresent(ctx, ids)).keys())
  for (const some of slices(ids, LISTED)) {
    const values = { reader: readerIdOf(ctx), ...fillList('id', some) }
    for (const { id } of await ctx.db.all(statements(ctx.db).gone(slotsFor(some.length)), values))
      found.add(id)
  }
  return found
}

/** A task as it is to be stored, and where. */
export type Placed = {
  readonly task: Task
  readonly placement: NewPlacement
  /** Slots behind the present one that COUNT of its rule allows. */
  readonly left?: number | null
}

type Made = {
  readonly [K in 'writes' | 'changes' | 'mustTouch' | 'grows']: NonNullable<Plan<unknown>[K]>
}

/**
 * What makes these tasks of one owner, with their labels. What a task is a part of is here already,
 * or stands before it.
 */
export const importPlan = async (
  ctx: Ctx,
  ownerId: OwnerId,
  placed: readonly Placed[],
  { trustSeen }: { readonly trustSeen: boolean },
): Promise<Made> => {
  const labels = []
  for (const names of slices([...new Set(placed.flatMap(({ task }) => task.labels))], LISTED))
    labels.push(await resolveLabels(ctx, ownerId, names, { trustSeen }))
  const made = labels.reduce((sum, resolved) => sum + resolved.made, 0)
  const writes = []
  const mustTouch: number[] = []
  const held = new Set<string>()
  for (const { task, placement, left } of placed) {
    const { projectId, parentId } = placement
    // A parent counts each of its children, a project is held once. What is in the trash relies on nothing.
    const relies = task.deleted_at === null && (parentId !== null || !held.has(projectId))
    if (relies)
      for (const guard of guardsOfNew(ctx, placement, task)) mustTouch.push(writes.push(guard) - 1)
    if (parentId === null) held.add(projectId)
    else if (task.deleted_at !== null) writes.push(countTrashed(ctx, parentId, task))
    if (task.external_id !== null) mustTouch.push(writes.push(expectFree(ctx, ownerId, task)) - 1)
    writes.push(insertTask(ctx, ownerId, task, { left }))
  }
  writes.push(...labels.flatMap((resolved) => resolved.writes))
  for (const { task } of placed)
    for (const name of task.labels)
      mustTouch.push(writes.push(linkLabel(ctx, ownerId, task.id, name)) - 1)
  // A parent has another revision with each child that it counts.
  const told = new Set(placed.flatMap(({ task: { id, parent_id } }) => [parent_id ?? id, id]))
  return {
    writes,
    changes: [
      ...labels.flatMap(({ changes }) => changes.map((change) => ({ ...change, event: null }))),
      ...[...told].map((id) => ({ entity: 'task' as const, id, event: null })),
    ],
    mustTouch,
    grows: { tasks: placed.length, ...(made > 0 && { labels: made }) },
  }
}

/**
 * Makes up to 250 tasks that `findImported` did not find, in the inbox, in one batch. Answers how
 * many there were to be made still. Throws `quota_exceeded`, `unauthenticated` (the account is gone).
 */
export const importTasks = (ctx: Ctx, given: readonly ImportedTask[]): Promise<number> =>
  retrying(ctx, async (attempt) => {
    const ids = given.map(({ id }) => id)
    const there = attempt === 0 ? new Set() : await findImported(ctx, ids)
    const fresh = given.filter(({ id }) => !there.has(id))
    if (fresh.length === 0) return { unchanged: 0 }
    const placement = await placeNew(ctx, {})
    const { parties } = placement
    const placed = fresh.map((task) => ({
      task: taskOf(ctx, placement.projectId, task),
      placement,
    }))
    const plan = await importPlan(ctx, parties.ownerId, placed, { trustSeen: attempt === 0 })
    return { parties, ...plan, result: placed.length }
  })

/**
 * Where it would stand if it had been made here at its time. Many may be of the same millisecond, and
 * no two stand at one position: the random part of the id tells them apart. The last digit may not be
 * 0 (`fractional-indexing`).
 */
const importedPosition = (id: string): string => `${newestPosition(id)}${id.slice(-8)}V`

const taskOf = (ctx: Ctx, projectId: string, given: ImportedTask): Task => {
  const at = now(ctx)
  const created = given.created_at ?? at
  const updated = given.updated_at ?? created
  return {
    id: given.id,
    project_id: projectId,
    parent_id: null,
    title: given.title,
    description: given.description,
    status: given.status,
    priority: given.priority,
    start: given.start,
    due: given.due,
    deadline: given.deadline,
    estimate_minutes: given.estimate_minutes,
    url: given.url,
    external_id: null,
    blocked_by: [],
    recurrence: null,
    labels: given.labels,
    extra: given.extra,
    ...newTaskState,
    position: importedPosition(given.id),
    created_by: actorIdOf(ctx),
    created_at: created,
    updated_at: updated,
    completed_at: given.status === 'completed' ? (given.completed_at ?? updated) : null,
    deleted_at: null,
    rev: ctx.ids.next(),
  }
}
