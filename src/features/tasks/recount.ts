// The counters of children in tasks that an older version wrote, which did not count.
import { and, eq, sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { revision } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import { type OwnerId, partiesOf } from '../../core/parties.ts'
import { commit } from '../../core/unit-of-work.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { compile, placeholders, query, value, write } from '../../db/statement.ts'

type Wrong = {
  readonly id: string
  readonly rev: string
  readonly count: number
  readonly done: number
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const number = (of: ReturnType<typeof sql>) => of.mapWith(Number)
  const count = sql`sum(case when ${tasks.status} = 'cancelled' then 0 else 1 end)`
  const done = sql`sum(case when ${tasks.status} = 'completed' then 1 else 0 end)`
  return {
    wrong: query<Wrong>(
      q
        .select({
          id: sql<string>`parent.id`.as('id'),
          rev: sql<string>`parent.rev`.as('rev'),
          count: number(count).as('count'),
          done: number(done).as('done'),
        })
        .from(tasks)
        .innerJoin(sql`${tasks} as parent`, sql`parent.id = ${tasks.parentId}`)
        .where(
          ownedBy(
            tasks.ownerId,
            sql`${tasks.trashed} = ${literal(dialect, false)} or parent.deleted_at = ${tasks.deletedAt}`,
          ),
        )
        .groupBy(sql`parent.id, parent.rev, parent.child_count, parent.children_done`)
        .having(sql`${count} <> parent.child_count or ${done} <> parent.children_done`)
        .limit(sql.placeholder('limit')) as never,
    ),
    fix: compile(
      q
        .update(tasks)
        .set({ ...placeholders<object>(['childCount', 'childrenDone']), ...revision(dialect) })
        .where(
          ownedAmong(
            tasks.ownerId,
            and(eq(tasks.id, value(tasks.id, 'id')), eq(tasks.rev, value(tasks.rev, 'was'))),
          ),
        ),
    ),
  }
})

/** Rounds in which others came before all of a page, until it is given up. */
const ROUNDS = 100

/** Counts the children of all tasks of an owner. Answers how many tasks were wrong. */
export const recountChildren = async (ctx: Ctx, owner: OwnerId): Promise<number> => {
  let fixed = 0
  for (let round = 0; round < ROUNDS; ) {
    const { rows } = await readLong(ctx, statements(ctx.db).wrong, { owner, limit: chunkRows(ctx) })
    if (rows.length === 0) return fixed
    const [rev, at] = [ctx.ids.next(), now(ctx)]
    const outcome = await commit(ctx, {
      parties: partiesOf(owner),
      writes: rows.map(({ id, rev: was, count, done }) =>
        write(statements(ctx.db).fix, {
          owner,
          id,
          was,
          childCount: count,
          childrenDone: done,
          rev,
          updatedAt: at,
        }),
      ),
      changes: [{ rev, at, event: null }],
      mustTouch: rows.map((_, i) => i),
      result: rows.length,
    })
    if (outcome === 'stale') round++
    else fixed += outcome
  }
  return fixed
}
