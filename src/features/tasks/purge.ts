// What users delete for good, in chunks: a task in the trash with all below it, or the whole trash.
import { eq, lt, sql } from 'drizzle-orm'
import { retryingInChunks } from '../../core/bulk.ts'
import { type Chunk, chunkRows, defineBulk } from '../../core/bulk-kinds.ts'
import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { type OwnerId, ownAccount } from '../../core/parties.ts'
import type { Revisions } from '../../core/precondition.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { literal } from '../../db/portable.ts'
import { query, value } from '../../db/statement.ts'
import { existingTask } from './get.ts'
import { PURGED, type Purgeable, portionsOf, purgeable, purgedTasks } from './purged-tasks.ts'
import { purgedOccurrences } from './recurrence/purged-occurrences.ts'

/** `above`: something in the trash is below it. */
type Child = Purgeable & { readonly above: number }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const columns = purgeable(dialect)
  const trashed = eq(tasks.trashed, literal(dialect, true))
  const hasChild = sql`exists (select 1 from ${tasks} as child where child.parent_id = ${tasks.id} and child.trashed = ${literal(dialect, true)})`
  const limit = sql.placeholder('limit')
  return {
    one: query<Purgeable>(
      q
        .select(columns)
        .from(tasks)
        .where(ownedBy(tasks.ownerId, eq(tasks.id, value(tasks.id, 'id')), trashed)),
    ),
    children: query<Child>(
      q
        .select({
          ...columns,
          above: sql<number>`case when ${hasChild} then 1 else 0 end`.mapWith(Number).as('above'),
        })
        .from(tasks)
        .where(
          ownedAmong(tasks.ownerId, eq(tasks.parentId, value(tasks.parentId, 'parent')), trashed),
        )
        .limit(limit),
    ),
    trash: query<Purgeable>(
      q
        .select(columns)
        .from(tasks)
        .where(
          ownedBy(tasks.ownerId, trashed, lt(tasks.deletedAt, value(tasks.deletedAt, 'before'))),
        )
        .limit(limit),
    ),
  }
})

const KIND = 'purge_task'
const KIND_OF_ALL = 'empty_trash'

/** Later than any task is deleted. */
const EVER = instantOf(Date.UTC(9999, 0))

/**
 * Deletes a task that is in the trash for good, with all that is below it there. Throws
 * `not_found`, `not_trashed`, `precondition_failed`, `write_conflict`.
 */
export const purgeTask = (
  ctx: Ctx,
  { id, ifMatch }: { id: string; ifMatch: Revisions },
): Promise<void> =>
  retryingInChunks(ctx, async () => {
    const { task, parties } = await existingTask(ctx, id, ifMatch)
    if (task.deleted_at === null)
      throw new DomainError(
        'not_trashed',
        'The task is not in the trash. Only what is there can be deleted for good.',
      )
    const bulk = { kind: KIND, targetId: id, data: { path: [id] } }
    return { parties, writes: [], result: undefined, bulk }
  })

/** Deletes for good what is in the trash now. Throws `write_conflict`. */
export const emptyTrash = (ctx: Ctx): Promise<void> =>
  retryingInChunks(ctx, async () => {
    const parties = ownAccount(ctx)
    const before = instantOf(Date.parse(now(ctx)) + 1)
    const { trash } = statements(ctx.db)
    if (!(await ctx.db.one(trash, { owner: parties.ownerId, before, limit: 1 })))
      return { unchanged: undefined }
    const bulk = { kind: KIND_OF_ALL, targetId: parties.ownerId, data: { before } }
    return { parties, writes: [], result: undefined, bulk }
  })

/**
 * From the leaves to the root, so that nothing is left behind that no path leads to. `path` leads
 * from the root to where it is.
 */
const chunkBelow = async (ctx: Ctx, owner: OwnerId, path: readonly string[]): Promise<Chunk> => {
  const { one, children } = statements(ctx.db)
  const [id, top] = [path[0], path.at(-1)]
  if (top === undefined || !(await ctx.db.one(one, { owner, id }))) return nothing
  const found = await ctx.db.all(children, { owner, parent: top, limit: rowsOf(ctx) })
  const [leaves] = portionsOf(
    ctx,
    found.filter(({ above }) => above === 0),
  )
  if (leaves) return purgeIn(ctx, { owner, ids: leaves, before: EVER }, { path })
  if (found[0]) return chunkBelow(ctx, owner, [...path, found[0].id])
  const rest = path.slice(0, -1)
  const next = rest.length > 0 ? { path: rest } : undefined
  // One that was taken out of the trash meanwhile stays.
  const isThere = await ctx.db.one(one, { owner, id: top })
  return isThere
    ? purgeIn(ctx, { owner, ids: [top], before: EVER }, next, { path })
    : { ...nothing, next }
}
type Purging = { readonly owner: OwnerId; readonly ids: readonly string[]; readonly before: string }

/** First what these tasks have done, which may be many rows: then the same place comes again. */
const purgeIn = async (
  ctx: Ctx,
  { owner, ids, before }: Purging,
  next: Chunk['next'],
  again: Chunk['next'] = next,
): Promise<Chunk> => {
  const writes = await purgedOccurrences(ctx, owner, ids, before)
  if (writes.length > 0) return { writes, changes: [], next: again }
  return { ...(await purgedTasks(ctx, owner, ids, before)), points: ids.length / PURGED, next }
}

const nothing: Chunk = { writes: [], changes: [], next: undefined }
const rowsOf = (ctx: Ctx): number => Math.min(PURGED, chunkRows(ctx))

defineBulk(KIND, {
  chunk: (ctx, { ownerId, data }) => chunkBelow(ctx, ownerId, data['path'] as string[]),
})

defineBulk(KIND_OF_ALL, {
  chunk: async (ctx, { ownerId: owner, data }) => {
    const before = data['before'] as string
    const limit = rowsOf(ctx)
    const found = await ctx.db.all(statements(ctx.db).trash, { owner, before, limit })
    const [ids] = portionsOf(ctx, found)
    if (!ids) return nothing
    const isLast = found.length < limit && ids.length === found.length
    return purgeIn(ctx, { owner, ids, before }, isLast ? undefined : data, data)
  },
})
