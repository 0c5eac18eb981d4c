import { eq, ne } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { inStretch, type Stretch, stretchOf } from '../../core/logged.ts'
import { canReadLabel } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query } from '../../db/statement.ts'
import { NO_NAME, shapeOf } from './row.ts'
import type { Label } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { changes, labels } = dialect.t
  const told = canReadLabel(labels, eq(labels.id, changes.entityId), ne(labels.name, NO_NAME))
  return query<Label>(
    dialect.q
      .select(shapeOf(dialect))
      .from(changes)
      .innerJoin(labels, told)
      .where(inStretch(dialect)),
  )
})

/** The labels that a stretch of the caller's change log tells of. */
export const loggedLabels = (ctx: Ctx, stretch: Stretch): Promise<Label[]> =>
  ctx.db.all(statements(ctx.db), stretchOf(ctx, 'label', stretch))
