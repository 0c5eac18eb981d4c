// The tasks of a project that go with it.
import { sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf, readerIdOf } from '../../core/parties.ts'
import { canReadAmong, canWriteAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { compile, placeholders, query, value, write } from '../../db/statement.ts'
import { trashedWith } from './happened.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const live = sql`${tasks.projectId} = ${value(tasks.projectId, 'project')} and ${tasks.trashed} = ${value(tasks.trashed, 'wasTrashed')}`
  return {
    nthLive: query<{ id: string }>(
      q
        .select({ id: tasks.id })
        .from(tasks)
        .where(canReadAmong(tasks, live))
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('offset')),
    ),
    trash: compile(
      q
        .update(tasks)
        .set({ ...placeholders(['trashed', 'deletedAt']), ...revision(dialect) })
        // Wrapped, because MySQL takes no LIMIT in an IN.
        .where(
          canWriteAmong(
            tasks,
            sql`${tasks.id} in (select id from (select ${tasks.id} from ${tasks} where ${live} limit ${sql.placeholder('limit')}) as chunk)`,
          ),
        ),
    ),
  }
})

/** Has the project more live tasks than one batch may change? */
export const hasMany = async (ctx: Ctx, project: string): Promise<boolean> => {
  const values = { reader: readerIdOf(ctx), project, wasTrashed: false, offset: chunkRows(ctx) }
  return (await ctx.db.one(statements(ctx.db).nthLive, values)) !== undefined
}

/**
 * Puts at most `limit` of the project's tasks into the trash, as deleted at `deletedAt`. Without a
 * limit all of them, also those that are made at this moment.
 */
export const trashTasks = (ctx: Ctx, project: string, deletedAt: string, limit = ALL): Told => {
  const [actor, rev, at] = [actorIdOf(ctx), ctx.ids.next(), now(ctx)]
  const set = { trashed: true, deletedAt, rev, updatedAt: at }
  return {
    writes: [write(statements(ctx.db).trash, { ...set, actor, project, wasTrashed: false, limit })],
    changes: [{ rev, at, event: trashedWith(project) }],
  }
}
const ALL = 1_000_000_000
