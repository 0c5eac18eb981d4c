import { and, asc, desc, eq, gt, gte, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { readerIdOf } from '../../core/parties.ts'
import { canRead } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { query, value } from '../../db/statement.ts'
import { taskQuery } from './row.ts'
import type { Task } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { tasks } = dialect.t
  const position = value(tasks.position, 'position')
  const id = value(tasks.id, 'id')
  const behind = and(
    gte(tasks.position, position),
    or(gt(tasks.position, position), gt(tasks.id, id)),
  )
  const ahead = and(
    lte(tasks.position, position),
    or(lt(tasks.position, position), lt(tasks.id, id)),
  )
  const inProject = (seek: SQL | undefined) =>
    canRead(
      tasks,
      eq(tasks.projectId, value(tasks.projectId, 'project')),
      eq(tasks.trashed, literal(dialect, false)),
      ne(tasks.id, value(tasks.id, 'except')),
      seek,
    )
  return {
    behind: taskQuery(dialect, (select) =>
      select
        .where(inProject(behind))
        .orderBy(asc(tasks.position), asc(tasks.id))
        .limit(sql.placeholder('limit')),
    ),
    ahead: query<{ id: string; position: string }>(
      dialect.q
        .select({ id: tasks.id, position: tasks.position })
        .from(tasks)
        .where(inProject(ahead))
        .orderBy(desc(tasks.position), desc(tasks.id))
        .limit(sql.raw('1') as never),
    ),
  }
})

export type Spot = { readonly id: string; readonly position: string }
/** Before every other task. */
export const start: Spot = { id: '', position: '' }

/**
 * Up to `limit` tasks of a project behind a spot, by position, without the one that is being moved.
 */
export const tasksBehind = (
  ctx: Ctx,
  project: string,
  spot: Spot,
  except: string,
  limit: number,
): Promise<Task[]> =>
  ctx.db.all(statements(ctx.db).behind, {
    reader: readerIdOf(ctx),
    project,
    ...spot,
    id: spot.id || FIRST_ID,
    except,
    limit,
  })

/** The task just ahead of a spot; `start` where there is none. */
export const taskAhead = async (
  ctx: Ctx,
  project: string,
  spot: Spot,
  except: string,
): Promise<Spot> =>
  (await ctx.db.one(statements(ctx.db).ahead, {
    reader: readerIdOf(ctx),
    project,
    ...spot,
    except,
  })) ?? start

/** The task just ahead of all that have the position of a spot; `start` where there is none. */
export const aheadOfEquals = async (
  ctx: Ctx,
  project: string,
  spot: Spot,
  except: string,
): Promise<Spot> =>
  spot === start
    ? start
    : taskAhead(ctx, project, { id: FIRST_ID, position: spot.position }, except)
