// What goes with tasks that are deleted for good, and what changes elsewhere: the progress of a parent
// that stays, what waits for them, their comments.
import { sql } from 'drizzle-orm'
import type { Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { countRows } from '../../core/stored-bytes.ts'
import { ownedAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { byteLength } from '../../db/portable.ts'
import { fillList, listOf, perSlots, query, slotsFor, write } from '../../db/statement.ts'
import { forgetBlockers } from '../blockers/index.ts'
import { type Share, shareOf, shiftProgress } from './progress.ts'
import type { Status } from './schemas.ts'

type Child = { readonly parent: string; readonly status: Status }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, comments } = t
  const onTasks = (slots: number) =>
    ownedAmong(
      comments.ownerId,
      sql`${comments.taskId} in ${listOf(comments.taskId, 'task', slots)}`,
    )
  return {
    /** Those that went to the trash together with their parent, which counts them. */
    counted: perSlots((slots) =>
      query<Child>(
        q
          .select({ parent: tasks.parentId, status: tasks.status })
          .from(tasks)
          .innerJoin(sql`${tasks} as parent`, sql`parent.id = ${tasks.parentId}`)
          .where(
            ownedAmong(
              tasks.ownerId,
              sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`,
              sql`parent.deleted_at = ${tasks.deletedAt}`,
            ),
          ) as never,
      ),
    ),
    comments: perSlots((slots) =>
      query<{ id: string }>(q.select({ id: comments.id }).from(comments).where(onTasks(slots))),
    ),
    uncountComments: perSlots((slots) =>
      countRows(dialect, '-', byteLength(comments.text), {
        table: comments,
        where: onTasks(slots),
      }),
    ),
  }
})

/**
 * The writes that come before those which delete these tasks of the trash (64 at most), and what
 * readers are told besides. `guards` have to touch a row.
 */
export const followPurge = async (
  ctx: Ctx,
  owner: OwnerId,
  ids: readonly string[],
): Promise<Told & { readonly guards: Told['writes'] }> => {
  const { comments, counted, uncountComments } = statements(ctx.db)
  const [slots, values] = [slotsFor(ids.length), { owner, ...fillList('task', ids) }]
  const blockers = await forgetBlockers(ctx, owner, ids)
  const children = await ctx.db.all(counted(slots), values)
  const told = await ctx.db.all(comments(slots), values)
  const shifts = [...lost(children)].filter(([parent]) => !ids.includes(parent))
  const revision = { rev: ctx.ids.next(), at: now(ctx) }
  return {
    guards: blockers.guards,
    writes: [
      ...blockers.writes,
      ...shifts.map(([parent, share]) => shiftProgress(ctx, parent, share, revision)),
      ...(told.length > 0 ? [write(uncountComments(slots), values)] : []),
    ],
    changes: [
      ...blockers.changes,
      ...shifts.map(([id]) => ({ entity: 'task', id, event: null }) as const),
      ...told.map(({ id }) => ({ entity: 'comment', id, gone: true, event: null }) as const),
    ],
  }
}

const lost = (children: readonly Child[]): ReadonlyMap<string, Share> => {
  const shares = new Map<string, Share>()
  for (const child of children) {
    const { count, done } = shareOf(child)
    const present = shares.get(child.parent) ?? { count: 0, done: 0 }
    shares.set(child.parent, { count: present.count - count, done: present.done - done })
  }
  return shares
}
