// Tasks that are deleted for good, each with a tombstone in the change log.
import { eq, lt, sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import type { Change } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { recordTasks } from '../../core/events.ts'
import type { OwnerId } from '../../core/parties.ts'
import { countRows, taskBytes } from '../../core/stored-bytes.ts'
import type { Plan } from '../../core/unit-of-work.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { compile, fillList, listOf, perSlots, slotsFor, value, write } from '../../db/statement.ts'
import { forgetReminders } from '../reminders/index.ts'
import { followPurge } from './follow-purge.ts'
import { purged } from './happened.ts'

/** Tasks of one user that one batch deletes at most: D1 takes 100 values a statement. */
export const PURGED = 64
/** A task, and how many rows follow it when it is deleted for good. */
export type Purgeable = { readonly id: string; readonly following: number }

/** The columns of a Purgeable: its comments, and the tasks that wait for it. */
export const purgeable = ({ t: { tasks, taskBlockers } }: Dialect) => ({
  id: tasks.id,
  following:
    sql<number>`${tasks.commentCount} + (select count(*) from ${taskBlockers} where ${taskBlockers.blockerId} = ${tasks.id})`
      .mapWith(Number)
      .as('following'),
})

/**
 * Parts of these tasks, each of which one batch may delete: no more rows follow them than a chunk
 * has, unless one task alone has more.
 */
export const portionsOf = (ctx: Ctx, tasks: readonly Purgeable[]): string[][] => {
  const most = chunkRows(ctx)
  const found: string[][] = []
  let rows = Number.POSITIVE_INFINITY
  for (const { id, following } of tasks) {
    const last = found.at(-1)
    rows += following
    if (last && last.length < PURGED && rows <= most) last.push(id)
    else {
      found.push([id])
      rows = following
    }
  }
  return found
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  return {
    uncount: perSlots((slots) =>
      countRows(dialect, '-', taskBytes(dialect), {
        table: tasks,
        where: ownedAmong(tasks.ownerId, sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`),
      }),
    ),
    remove: compile(
      q
        .delete(tasks)
        .where(
          ownedBy(
            tasks.ownerId,
            eq(tasks.id, value(tasks.id, 'id')),
            eq(tasks.trashed, value(tasks.trashed, 'trashed')),
            lt(tasks.deletedAt, value(tasks.deletedAt, 'before')),
          ),
        ),
    ),
  }
})

type Purge = Required<Pick<Plan<unknown>, 'writes' | 'mustTouch' | 'grows'>> & {
  readonly changes: readonly Change[]
}

/**
 * What deletes these tasks of an owner, at most `PURGED`, that went to the trash before an instant;
 * its batch is stale where one of them is not there any more. It records them while they are there.
 */
export const purgedTasks = async (
  ctx: Ctx,
  owner: OwnerId,
  ids: readonly string[],
  before: string,
): Promise<Purge> => {
  const { uncount, remove } = statements(ctx.db)
  const { guards, ...follow } = await followPurge(ctx, owner, ids)
  const reminders = await forgetReminders(ctx, ids)
  const removals = ids.map((id) => write(remove, { owner, trashed: true, before, id }))
  const counted = write(uncount(slotsFor(ids.length)), { owner, ...fillList('task', ids) })
  const recorded = recordTasks(ctx, owner, ids, purged)
  const ahead = [...guards, counted, ...follow.writes, recorded]
  return {
    writes: [...ahead, ...removals, ...reminders],
    mustTouch: [...guards.map((_, i) => i), ...removals.map((_, i) => ahead.length + i)],
    changes: [
      ...follow.changes,
      ...ids.map((id) => ({ entity: 'task', id, gone: true, event: null }) as const),
    ],
    grows: { tasks: -ids.length },
  }
}
