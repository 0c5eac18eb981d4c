import { eq } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { inStretch, type Stretch, stretchOf } from '../../core/logged.ts'
import { readLong } from '../../core/long-work.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query } from '../../db/statement.ts'
import { inTask, shapeOf } from './row.ts'
import type { Comment } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { changes, comments } = dialect.t
  return query<Comment>(
    dialect.q
      .select(shapeOf(dialect))
      .from(changes)
      .innerJoin(comments, canReadAmong(inTask(dialect), eq(comments.id, changes.entityId)))
      .where(inStretch(dialect)),
  )
})

/** The comments that a stretch of the caller's change log tells of. */
export const loggedComments = async (
  ctx: Ctx,
  stretch: Stretch,
  mode: { readonly short: boolean },
): Promise<Comment[]> => {
  const values = stretchOf(ctx, 'comment', stretch)
  return (await readLong(ctx, statements(ctx.db), values, mode)).rows
}
