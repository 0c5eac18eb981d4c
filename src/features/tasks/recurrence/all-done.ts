// The occurrences that are done of many tasks, for an export.
import { and, asc, eq, gt, or, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../../core/context.ts'
import { FIRST_ID } from '../../../core/ids.ts'
import { readerIdOf } from '../../../core/parties.ts'
import { ofAccount, ofAccountAmong } from '../../../core/visibility.ts'
import { perDialect } from '../../../db/database.ts'
import { instantOf } from '../../../db/instant.ts'
import { fillList, listOf, perSlots, query, slotsFor, value } from '../../../db/statement.ts'
import { cellsOf, type DoneOccurrence, doneOf, type Row } from './history.ts'

/** One with the task that it is of. */
export type DoneRow = DoneOccurrence & { readonly taskId: string }
type Found = Row & { readonly taskId: string }

const statements = perDialect(({ q, t: { taskOccurrences: done } }) => {
  const limit = sql.placeholder('limit')
  const from = (which: SQL) =>
    q
      .select({ ...cellsOf(done), taskId: done.taskId })
      .from(done)
      .where(which)
  const [task, at, id] = [
    value(done.taskId, 'afterTask'),
    value(done.doneAt, 'at'),
    value(done.id, 'id'),
  ]
  const later = or(gt(done.doneAt, at), and(eq(done.doneAt, at), gt(done.id, id)))
  return {
    all: query<Found>(
      from(ofAccount(done.ownerId, gt(done.id, value(done.id, 'after'))))
        .orderBy(asc(done.id))
        .limit(limit),
    ),
    ofTasks: perSlots((slots) =>
      query<Found>(
        from(
          ofAccountAmong(
            done.ownerId,
            sql`${done.taskId} in ${listOf(done.taskId, 'task', slots)}`,
            or(gt(done.taskId, task), and(eq(done.taskId, task), later)),
          ),
        )
          .orderBy(asc(done.taskId), asc(done.doneAt), asc(done.id))
          .limit(limit),
      ),
    ),
  }
})

const withTask = (row: Found): DoneRow => ({ ...doneOf(row), taskId: row.taskId })

/** Those of all tasks of the caller, from behind an id, in the order of their ids. */
export const allDone = async (
  ctx: Ctx,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<DoneRow[]> =>
  (await ctx.db.all(statements(ctx.db).all, { reader: readerIdOf(ctx), after, limit })).map(
    withTask,
  )

type Behind = { readonly last: DoneRow | undefined; readonly limit: number }

/** Those of these tasks, 64 at most, task by task, the oldest first, from behind `last`. */
export const doneOfTasks = async (
  ctx: Ctx,
  tasks: readonly string[],
  { last, limit }: Behind,
): Promise<DoneRow[]> => {
  const { taskId: afterTask, doneAt: at, id } = last ?? first
  const place = { afterTask, at, id, limit }
  const values = { reader: readerIdOf(ctx), ...fillList('task', tasks), ...place }
  return (await ctx.db.all(statements(ctx.db).ofTasks(slotsFor(tasks.length)), values)).map(
    withTask,
  )
}
const first = { taskId: FIRST_ID, doneAt: instantOf(0), id: FIRST_ID }
