// Tasks of another backend, brought here with their times: for the operator, never for a request.
import { and, eq, sql } from 'drizzle-orm'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf, readerIdOf } from '../../core/parties.ts'
import { newestPosition } from '../../core/position.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { canRead, ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { literal } from '../../db/portable.ts'
import { fillList, listOf, perSlots, query, slotsFor } from '../../db/statement.ts'
import { resolveLabels } from '../labels/index.ts'
import { guardsOfNew } from './guards.ts'
import { placeNew } from './placement.ts'
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

/** Values in one statement: D1 takes 100. */
const LISTED = 64

type Found = { readonly id: string }
const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, changes } = t
  return {
    present: perSlots((slots) =>
      query<Found>(
        q
          .select({ id: tasks.id })
          .from(tasks)
          .where(canRead(tasks, sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`)),
      ),
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

const slices = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / LISTED) }, (_, i) =>
    all.slice(i * LISTED, (i + 1) * LISTED),
  )

/**
 * Those of these ids that tasks of the caller have, or had: the change log knows for three months
 * what was deleted for good.
 */
export const findImported = async (ctx: Ctx, ids: readonly string[]): Promise<Set<string>> => {
  const { present, gone } = statements(ctx.db)
  const found = new Set<string>()
  for (const some of slices(ids)) {
    const values = { reader: readerIdOf(ctx), ...fillList('id', some) }
    for (const statement of [present, gone])
      for (const { id } of await ctx.db.all(statement(slotsFor(some.length)), values)) found.add(id)
  }
  return found
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
    const { ownerId } = parties
    const labels = []
    for (const names of slices([...new Set(fresh.flatMap((task) => task.labels))]))
      labels.push(await resolveLabels(ctx, ownerId, names, { trustSeen: attempt === 0 }))
    const made = labels.reduce((sum, resolved) => sum + resolved.made, 0)
    const tasks = fresh.map((task) => taskOf(ctx, placement.projectId, task))
    const links = tasks.flatMap(({ id, labels }) =>
      labels.map((name) => linkLabel(ctx, ownerId, id, name)),
    )
    const relied = guardsOfNew(ctx, placement, { status: 'pending' })
    const ahead = [
      ...relied,
      ...tasks.map((task) => insertTask(ctx, ownerId, task)),
      ...labels.flatMap(({ writes }) => writes),
    ]
    return {
      parties,
      writes: [...ahead, ...links],
      changes: [
        ...labels.flatMap(({ changes }) => changes),
        ...tasks.map(({ id }) => ({ entity: 'task' as const, id })),
      ],
      mustTouch: [...relied.map((_, i) => i), ...links.map((_, i) => ahead.length + i)],
      grows: { tasks: tasks.length, ...(made > 0 && { labels: made }) },
      result: tasks.length,
    }
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
