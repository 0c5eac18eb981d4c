import { eq } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { inStretch, type Stretch, stretchOf } from '../../core/logged.ts'
import { readLong } from '../../core/long-work.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { queryOf } from '../../db/statement.ts'
import { columns, toTask } from './row.ts'
import type { Task } from './schemas.ts'

const statements = perDialect((dialect) => {
  const { changes, tasks } = dialect.t
  return queryOf(
    dialect.q
      .select(Object.fromEntries(columns(dialect).entries()))
      .from(changes)
      .innerJoin(tasks, canReadAmong(tasks, eq(tasks.id, changes.entityId)))
      .where(inStretch(dialect)),
    toTask,
  )
})

/** The tasks that a stretch of the caller's change log tells of, those in the trash among them. */
export const loggedTasks = async (
  ctx: Ctx,
  stretch: Stretch,
  mode: { readonly short: boolean },
): Promise<Task[]> => {
  const values = stretchOf(ctx, 'task', stretch)
  return (await readLong(ctx, statements(ctx.db), values, mode)).rows
}
