// Blockers that are deleted for good: nothing waits for them any more.
import { sql } from 'drizzle-orm'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { OwnerId } from '../../core/parties.ts'
import { blockersLength } from '../../core/stored-bytes.ts'
import { ownedAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { textList } from '../../db/portable.ts'
import { compile, fillList, listOf, perSlots, slotsFor, write } from '../../db/statement.ts'
import { blockersRevOf, holdBlockers, linksToWaiting } from './store.ts'

/** D1 takes 100 values a statement. */
const LISTED = 64

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskBlockers } = t
  const left = sql`from ${taskBlockers} where ${taskBlockers.taskId} = ${tasks.id}`
  return {
    unlink: perSlots((slots) =>
      compile(
        q
          .delete(taskBlockers)
          .where(
            sql`${taskBlockers.blockerId} in ${listOf(taskBlockers.blockerId, 'blocker', slots)}`,
          ),
      ),
    ),
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
 * touch a row.
 */
export const forgetBlockers = async (
  ctx: Ctx,
  owner: OwnerId,
  blockers: readonly string[],
): Promise<Told & { readonly guards: Told['writes'] }> => {
  const guards = [holdBlockers(ctx, owner, await blockersRevOf(ctx, owner))]
  const links = (await linksToWaiting(ctx, blockers)).filter(({ task }) => !blockers.includes(task))
  if (links.length === 0) return { guards, writes: [], changes: [] }
  const { unlink, rewrite } = statements(ctx.db)
  const waiting = [...new Set(links.map(({ task }) => task))]
  const [rev, at] = [ctx.ids.next(), now(ctx)]
  const bytes = -blockersLength(links.map(({ blocker }) => blocker))
  const writes = [write(unlink(slotsFor(blockers.length)), fillList('blocker', blockers), bytes)]
  for (let i = 0; i < waiting.length; i += LISTED) {
    const some = waiting.slice(i, i + LISTED)
    const values = { owner, rev, updatedAt: at, ...fillList('task', some) }
    writes.push(write(rewrite(slotsFor(some.length)), values))
  }
  return { guards, writes, changes: [{ rev, at }] }
}
