import { eq } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { inStretch, type Stretch, stretchOf } from '../../core/logged.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query } from '../../db/statement.ts'
import { conditionsOf } from './conditions.ts'
import { shapeOf } from './row.ts'
import type { Project } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { changes, projects } = dialect.t
  const self = { ownerId: projects.ownerId, projectId: projects.id }
  const told = canReadAmong(self, eq(projects.id, changes.entityId), conditionsOf(dialect).present)
  return query<Project>(
    dialect.q
      .select(shapeOf(dialect))
      .from(changes)
      .innerJoin(projects, told)
      .where(inStretch(dialect)),
  )
})

/** The projects that a stretch of the caller's change log tells of. */
export const loggedProjects = (ctx: Ctx, stretch: Stretch): Promise<Project[]> =>
  ctx.db.all(statements(ctx.db), stretchOf(ctx, 'project', stretch))
