// Blockers that are deleted for good: nothing waits for them any more.
import { sql } from 'drizzle-orm'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { blockersLength, countRows } from '../../core/stored-bytes.ts'
import { ownedAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { textList } from '../../db/portable.ts'
import { compile, fillList, LISTED, listOf, perSlots, slotsFor, write } from '../../db/statement.ts'
import { blockersRevOf, holdBlockers, linksToWaiting } from './store.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskBlockers } = t
  const left = sql`from ${taskBlockers} where ${taskBlockers.taskId} = ${tasks.id}`
  const named = (slots: number) =>
    sql`${taskBlockers.blockerId} in ${listOf(taskBlockers.blockerId, 'blocker', slots)}`
  return {
    unlinkOwn: perSlots((slots) =>
      compile(
        q
          .delete(taskBlockers)
          .where(sql`${taskBlockers.taskId} in ${listOf(taskBlockers.taskId, 'blocker', slots)}`),
      ),
    ),
    uncount: perSlots((slots) =>
      countRows(dialect, '-', sql.raw(String(blockersLength(['one']))), {
        table: taskBlockers,
        where: named(slots),
      }),
    ),
    unlink: perSlots((slots) => compile(q.delete(taskBlockers).where(named(slots)))),
    rewrite: perSlots((slots) =>
      compile(
        q
          .update(tasks)
          .set({
            ...revision(dialect),
            blockedBy: textList(dialect, taskBlockers.blockerId, left),
          } as never)
          .where(ownedAmong(tasks.ownerId, sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`)),
      ),
    ),
  }
})

/**
 * Takes these tasks (64 at most), all in the trash, out of what others wait for. `guards` have to
 * touch a row. The bytes of what these tasks wait for themselves are counted with them. Those of the
 * others are counted in the batch: meanwhile one of them may wait for fewer.
 */
export const forgetBlockers = async (
  ctx: Ctx,
  owner: OwnerId,
  blockers: readonly string[],
): Promise<Told & { readonly guards: Told['writes'] }> => {
  const guards = [holdBlockers(ctx, owner, await blockersRevOf(ctx, owner))]
  const links = (await linksToWaiting(ctx, blockers)).filter(({ task }) => !blockers.includes(task))
  if (links.length === 0) return { guards, writes: [], changes: [] }
  const { unlinkOwn, uncount, unlink, rewrite } = statements(ctx.db)
  const waiting = [...new Set(links.map(({ task }) => task))]
  const [rev, at] = [ctx.ids.next(), now(ctx)]
  const [slots, values] = [slotsFor(blockers.length), { owner, ...fillList('blocker', blockers) }]
  const writes = [unlinkOwn, uncount, unlink].map((make) => write(make(slots), values))
  for (const some of slices(waiting, LISTED)) {
    const revised = { owner, rev, updatedAt: at, ...fillList('task', some) }
    writes.push(write(rewrite(slotsFor(some.length)), revised))
  }
  return { guards, writes, changes: [{ rev, at, event: null }] }
}
