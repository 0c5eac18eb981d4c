// The comments on a task, as the task shows them: how many there are.
import { eq, type SQL, sql } from 'drizzle-orm'
import { countedRevision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { canWrite } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { compile, value, type Write, write } from '../../db/statement.ts'

/** On one task: they are deleted together with it. */
export const MAX_COMMENTS = 1_000

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const live = canWrite(
    tasks,
    eq(tasks.id, value(tasks.id, 'id')),
    eq(tasks.trashed, literal(dialect, false)),
  )
  const byId = canWrite(tasks, eq(tasks.id, value(tasks.id, 'id')))
  const counting = (which: SQL) =>
    compile(
      q
        .update(tasks)
        .set({
          ...countedRevision(dialect),
          commentCount: sql`${tasks.commentCount} + ${sql.placeholder('by')}` as never,
        })
        .where(
          sql`${which} and ${tasks.commentCount} + ${sql.placeholder('by')} <= ${sql.raw(String(MAX_COMMENTS))}`,
        ),
    )
  return {
    countAnywhere: counting(byId),
    count: counting(live),
    holdAny: compile(
      q
        .update(tasks)
        .set({ rev: tasks.rev as never })
        .where(byId),
    ),
    hold: compile(
      q
        .update(tasks)
        .set({ rev: tasks.rev as never })
        .where(live),
    ),
  }
})

/**
 * Counts more, or fewer, comments on a task. The write touches no row where it is in the trash, unless
 * `alsoTrashed`, or has `MAX_COMMENTS`.
 */
export const countComments = (
  ctx: Ctx,
  id: string,
  by: number,
  { alsoTrashed = false } = {},
): Told => {
  const { count, countAnywhere } = statements(ctx.db)
  const values = { actor: actorIdOf(ctx), id, by, rev: ctx.ids.next(), updatedAt: now(ctx) }
  return {
    writes: [write(alsoTrashed ? countAnywhere : count, values)],
    changes: [{ entity: 'task', id, event: null }],
  }
}

/** Touches no row where the task is in the trash. */
export const holdLiveTask = (ctx: Ctx, id: string): Write =>
  write(statements(ctx.db).hold, { actor: actorIdOf(ctx), id })
/** The same for a task that may be there. */
export const holdTask = (ctx: Ctx, id: string): Write =>
  write(statements(ctx.db).holdAny, { actor: actorIdOf(ctx), id })
