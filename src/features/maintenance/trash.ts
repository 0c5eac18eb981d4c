import { and, asc, eq, gt, lt, sql } from 'drizzle-orm'
import { visible } from '../../core/access.ts'
import { logChange } from '../../core/changes.ts'
import { commit } from '../../core/commit.ts'
import type { Ctx } from '../../core/context.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { compile, query, value, write } from '../../db/statement.ts'
import { onBehalfOf } from '../../identity/users.ts'

const USERS = 200
/** Tasks of one user that one batch deletes. */
const TASKS = 100
const DAY = 24 * 60 * 60 * 1000

const statements = perDialect(({ q, t }) => {
  const { users, tasks, projects } = t
  const old = and(eq(tasks.trashed, value(tasks.trashed, 'trashed')), lt(tasks.deletedAt, value(tasks.deletedAt, 'before')))
  const byId = eq(tasks.id, value(tasks.id, 'id'))
  return {
    users: query<{ id: string }>(
      q
        .select({ id: users.id })
        .from(users)
        .where(gt(users.id, value(users.id, 'after')))
        .orderBy(asc(users.id))
        .limit(sql.placeholder('limit')),
    ),
    old: query<{ id: string }>(q.select({ id: tasks.id }).from(tasks).where(visible(tasks.ownerId, old)).limit(sql.placeholder('limit'))),
    remove: compile(q.delete(tasks).where(visible(tasks.ownerId, byId, old))),
    goneProject: query<{ id: string }>(
      q
        .select({ id: projects.id })
        .from(projects)
        .where(visible(projects.ownerId, eq(projects.gone, value(projects.gone, 'gone'))))
        .limit(sql.raw('1') as never),
    ),
    dropProjects: compile(
      q
        .delete(projects)
        .where(
          visible(
            projects.ownerId,
            eq(projects.gone, value(projects.gone, 'gone')),
            sql`not exists (select 1 from ${tasks} where ${tasks.projectId} = ${projects.id})`,
          ),
        ),
    ),
  }
})

/**
 * Deletes for good what has been in the trash for `days` (0: nothing), user by user, with tombstones in the change log; then the rows
 * of deleted projects that no task names any more. A task that is restored meanwhile stays, and one user's failure is
 * logged and keeps nobody else waiting.
 */
export const emptyTrash = async (ctx: Ctx, days: number): Promise<void> => {
  const before = instantOf(ctx.clock.now() - days * DAY)
  for await (const id of userIds(ctx)) {
    try {
      if (days > 0) await emptyTrashOf(onBehalfOf(ctx, id), before)
      await dropGoneProjects(ctx, id)
    } catch (error) {
      ctx.log.error('the trash of a user could not be emptied', { user_id: id, error })
    }
  }
}

const userIds = async function* (ctx: Ctx): AsyncGenerator<string> {
  const { users } = statements(ctx.db)
  let after = '00000000-0000-0000-0000-000000000000'
  for (
    let page = await ctx.db.all(users, { after, limit: USERS });
    page.length > 0;
    page = await ctx.db.all(users, { after, limit: USERS })
  ) {
    for (const { id } of page) yield id
    after = page.at(-1)?.id ?? after
  }
}

const emptyTrashOf = async (ctx: Ctx, before: string): Promise<void> => {
  const { old, remove } = statements(ctx.db)
  const reader = ctx.actor.userId
  const common = { reader, trashed: true, before }
  for (;;) {
    const found = await ctx.db.all(old, { ...common, limit: TASKS })
    if (found.length === 0) break
    const removals = found.map(({ id }) => write(remove, { ...common, id }))
    const plan = {
      writes: [...removals, ...found.map(({ id }) => logChange(ctx, 'task', id, { gone: true }))],
      mustTouch: removals.map((_, i) => i),
      grows: { tasks: -found.length },
      result: undefined,
    }
    // Stale: one of them was restored just now. The next round, in a day, looks again.
    if ((await commit(ctx, plan)) === 'stale') break
  }
}

const dropGoneProjects = async (ctx: Ctx, reader: string): Promise<void> => {
  const { goneProject, dropProjects } = statements(ctx.db)
  if (await ctx.db.one(goneProject, { reader, gone: true })) await ctx.db.atomic([write(dropProjects, { reader, gone: true })])
}
