import { eq, ne, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readOfMany } from '../../core/long-work.ts'
import { readerIdOf } from '../../core/parties.ts'
import { canReadAmong, canReadLabel } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { query, value } from '../../db/statement.ts'
import { NO_NAME } from './row.ts'

const used = perDialect(({ q, t: { labels, taskLabels, tasks } }) =>
  query<{ name: string }>(
    q
      .select({ name: labels.name })
      .from(labels)
      .where(
        canReadLabel(
          labels,
          ne(labels.name, NO_NAME),
          sql`exists (select 1 from ${taskLabels} inner join ${tasks} on ${eq(tasks.id, taskLabels.taskId)} where ${eq(taskLabels.labelId, labels.id)} and ${canReadAmong(tasks, eq(tasks.trashed, value(tasks.trashed, 'trashed')))})`,
        ),
      ),
  ),
)

/** The names of the labels that tasks outside the trash have, in order. */
export const usedLabels = async (ctx: Ctx): Promise<string[]> => {
  const given = { reader: readerIdOf(ctx), trashed: false }
  const rows = await readOfMany(ctx, 'labels in use', used(ctx.db), given)
  return rows.map(({ name }) => name).sort()
}
