// Which positions of a project are taken.
import { eq, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { fillList, LISTED, listOf, perSlots, query, slotsFor, value } from '../../db/statement.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  return {
    positions: perSlots((slots) =>
      query<{ position: string }>(
        q
          .select({ position: tasks.position })
          .from(tasks)
          .where(
            canReadAmong(
              tasks,
              eq(tasks.projectId, value(tasks.projectId, 'project')),
              // Both, so that the index of a project's positions finds them.
              sql`${tasks.trashed} in (${literal(dialect, false)}, ${literal(dialect, true)})`,
              sql`${tasks.position} in ${listOf(tasks.position, 'at', slots)}`,
            ),
          ),
      ),
    ),
  }
})

/** Those of these positions that tasks of a project have, also in the trash. */
export const takenPositions = async (
  ctx: Ctx,
  project: string,
  positions: readonly string[],
): Promise<Set<string>> => {
  const found = new Set<string>()
  for (const some of slices([...new Set(positions)], LISTED)) {
    const values = { reader: readerIdOf(ctx), project, ...fillList('at', some) }
    const taken = await ctx.db.all(statements(ctx.db).positions(slotsFor(some.length)), values)
    for (const { position } of taken) found.add(position)
  }
  return found
}
