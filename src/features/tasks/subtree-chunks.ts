// Changes of all tasks below one, in chunks: level by level, from the parents that are done to
// their children.
import { and, asc, type SQL, sql } from 'drizzle-orm'
import { type Chunk, defineBulk } from '../../core/bulk-kinds.ts'
import type { Bulk, BulkData, OwnedBulk } from '../../core/bulk-store.ts'
import { revisedAt, revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { insertIfFree, literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  query,
  type Statement,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { followWaiting } from '../blockers/index.ts'
import { lookForDue } from '../reminders/index.ts'
import { PARENTS, type Page } from './children.ts'
import { takenAlong } from './happened.ts'
import { pageToChange } from './page-to-change.ts'

/**
 * `trash` at the instant `at`, `restore` what went there at the instant `was` into `project`,
 * `move` to `project`.
 */
export type SubtreeChange =
  | { readonly change: 'trash'; readonly at: string }
  | { readonly change: 'restore'; readonly was: string; readonly project: string }
  | { readonly change: 'move'; readonly project: string }
/** The same in chunks, each of which knows below which task it is. */
type ChunkedChange = SubtreeChange & { readonly root?: string }

const kinds = { trash: 'delete_task', restore: 'restore_task', move: 'move_task' } as const

/**
 * Columns that a change sets, and what it expects of a parent (which is done) and of its child
 * (which is not).
 */
const changesOf = (dialect: Dialect) => {
  const { tasks } = dialect.t
  const [yes, no] = [literal(dialect, true), literal(dialect, false)]
  return {
    trash: {
      set: { deletedAt: value(tasks.deletedAt, 'at'), trashed: yes },
      parent: sql`parent.deleted_at = ${value(tasks.deletedAt, 'at')}`,
      child: sql`child.trashed = ${no}`,
    },
    restore: {
      set: {
        deletedAt: sql.raw('null'),
        trashed: no,
        projectId: value(tasks.projectId, 'project'),
      },
      parent: sql`parent.trashed = ${no}`,
      child: sql`child.deleted_at = ${value(tasks.deletedAt, 'was')}`,
    },
    move: {
      set: { projectId: value(tasks.projectId, 'project') },
      parent: sql`parent.project_id = ${value(tasks.projectId, 'project')}`,
      child: sql`child.project_id <> ${value(tasks.projectId, 'project')}`,
    },
  }
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, bulkParents } = t
  const changes = changesOf(dialect)
  const own = ownedBy(bulkParents.userId)

  /**
   * The parents are looked at in the statement itself: one that was changed by another request
   * keeps its children.
   */
  const change = (kind: SubtreeChange['change'], slots: number): Statement => {
    const { set, parent, child } = changes[kind]
    const conditions: SQL[] = [
      sql`parent.id in ${listOf(tasks.id, 'parent', slots)}`,
      parent,
      child,
      sql`child.id > ${value(tasks.id, 'after')}`,
      sql`child.id <= ${value(tasks.id, 'upTo')}`,
    ]
    // Wrapped, because MySQL takes no table that it updates in an IN.
    const chunk = sql`${tasks.id} in (select id from (select child.id from ${tasks} as parent inner join ${tasks} as child on child.parent_id = parent.id where ${sql.join(conditions, sql` and `)}) as chunk)`
    return compile(
      q
        .update(tasks)
        .set({ ...revision(dialect), ...set } as never)
        .where(ownedAmong(tasks.ownerId, chunk)),
    )
  }
  const dequeueAmong = (slots: number): Statement =>
    compile(
      q
        .delete(bulkParents)
        .where(
          and(own, sql`${bulkParents.taskId} in ${listOf(bulkParents.taskId, 'parent', slots)}`),
        ),
    )
  const hasChild = sql`exists (select 1 from ${tasks} as child where child.parent_id = ${tasks.id})`
  const revised = revisedAt(dialect, 'updatedAt')
  return {
    change: {
      trash: perSlots((slots) => change('trash', slots)),
      restore: perSlots((slots) => change('restore', slots)),
      move: perSlots((slots) => change('move', slots)),
    },
    queued: query<{ taskId: string }>(
      q
        .select({ taskId: bulkParents.taskId })
        .from(bulkParents)
        .where(own)
        .orderBy(asc(bulkParents.taskId))
        .limit(sql.placeholder('limit')),
    ),
    queue: compile(q.insert(bulkParents).values(everyColumn(bulkParents))),
    queueRevised: compile(
      insertIfFree(
        dialect,
        q.insert(bulkParents).select(
          q
            .select({ userId: tasks.ownerId, taskId: tasks.id } as never)
            .from(tasks)
            .where(ownedBy(tasks.ownerId, revised, hasChild)) as never,
        ),
        { taskId: bulkParents.taskId },
      ),
    ),
    dequeue: perSlots(dequeueAmong),
    dropQueue: compile(q.delete(bulkParents).where(own)),
  }
})

/**
 * What begins a change of all tasks below `root`: writes for the batch that changes `root` itself,
 * and the operation.
 */
export const changeBelow = (
  ctx: Pick<Ctx, 'db'>,
  ownerId: OwnerId,
  root: string,
  data: SubtreeChange,
): Told & { bulk: Bulk } => ({
  writes: queueAlone(ctx, ownerId, root),
  changes: [],
  bulk: { kind: kinds[data.change], targetId: root, data: { ...data, root } },
})

/** Writes that leave `root` as the one parent in the owner's queue. */
export const queueAlone = ({ db }: Pick<Ctx, 'db'>, ownerId: OwnerId, root: string): Write[] => {
  const { queue, dropQueue } = statements(db)
  return [write(dropQueue, { owner: ownerId }), write(queue, { userId: ownerId, taskId: root })]
}

/** The write that takes parents, whose children are done, from the owner's queue. */
export const dequeue = (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  parents: readonly string[],
): Write =>
  write(statements(db).dequeue(slotsFor(parents.length)), { owner, ...fillList('parent', parents) })

/** How far the operation is within the children of one parent. */
type Progress = { readonly parent?: string; readonly after?: string }

type ChildrenChange<D> = {
  /** The writes that change a page of children. */
  change(ctx: Ctx, owner: OwnerId, data: D, page: Page): Told
  /** Does it block, or free, what waits for them? */
  frees(data: D): boolean
}

/** How the next tasks below the root of a change are changed. */
export const chunkBelow =
  <D extends object>({ change, frees }: ChildrenChange<D>) =>
  async (ctx: Ctx, { ownerId, data }: OwnedBulk): Promise<Chunk> => {
    const { parent, after, ...rest } = data as BulkData & Progress
    const parents = parent === undefined ? await queuedParents(ctx, ownerId) : [parent]
    if (parents.length === 0) return { writes: [], changes: [], next: undefined }
    lookForDue(ctx)
    const isFreeing = frees(rest as D)
    const { page, waiting } = await pageToChange(ctx, ownerId, { parents, after, isFreeing })
    const next = page.last ? rest : { ...rest, parent: page.parents[0], after: page.upTo }
    const changed = change(ctx, ownerId, rest as D, page)
    if (!waiting) return { ...changed, next }
    const { guards, ...follow } = followWaiting(ctx, ownerId, waiting)
    return {
      writes: [...guards, ...changed.writes, ...follow.writes],
      mustTouch: guards.map((_, i) => i),
      changes: [...changed.changes, ...follow.changes],
      next,
    }
  }

/** Parents whose children the owner's operation has yet to change. */
const queuedParents = async ({ db }: Pick<Ctx, 'db'>, ownerId: OwnerId): Promise<string[]> => {
  const found = await db.all(statements(db).queued, { owner: ownerId, limit: PARENTS })
  return found.map(({ taskId }) => taskId)
}

const changeChildren = (
  ctx: Ctx,
  owner: OwnerId,
  data: ChunkedChange,
  { parents, after, upTo, last }: Page,
): Told => {
  const { change, queueRevised } = statements(ctx.db)
  const [rev, updatedAt] = [ctx.ids.next(), now(ctx)]
  const slots = slotsFor(parents.length)
  const list = fillList('parent', parents)
  return {
    writes: [
      write(change[data.change](slots), { ...data, ...list, owner, after, upTo, rev, updatedAt }),
      write(queueRevised, { owner, rev, updatedAt }),
      ...(last ? [dequeue(ctx, owner, parents)] : []),
    ],
    changes: [{ rev, at: updatedAt, event: takenAlong(data.root, data.change) }],
  }
}

const chunk = chunkBelow<ChunkedChange>({
  change: changeChildren,
  frees: ({ change }) => change !== 'move',
})
for (const kind of Object.values(kinds)) defineBulk(kind, { chunk })
