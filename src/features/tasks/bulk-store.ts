// The tasks that a filter finds, in the order of their ids, which no change of them changes; and
// what a change of many has done.
import { and, asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Ctx } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { canRead, ownedBy } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { insertOrReplace } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Conditions } from './stretches.ts'

/** Statements of filters that are kept: they combine freely. */
const KEPT = 100
/** The ids of the longest line of tasks, one below the other. */
const LINE = slotsFor(10)

const build = (dialect: Dialect, conditions: Conditions) => {
  const { q, t } = dialect
  const { tasks } = t
  const matching = (...further: SQL[]) =>
    canRead(tasks, ...conditions.map(({ make }) => make(dialect)), ...further)
  return {
    count: query<{ n: number; last: string | null }>(
      q
        .select({
          n: sql<number>`count(*)`.mapWith(Number).as('n'),
          last: sql<
            string | null
          >`max(${tasks.id}${sql.raw(dialect.name === 'postgres' ? '::text' : '')})`.as('last'),
        })
        .from(tasks)
        .where(matching()),
    ),
    page: query<{ id: string }>(
      q
        .select({ id: tasks.id })
        .from(tasks)
        .where(
          matching(gt(tasks.id, value(tasks.id, 'after')), lte(tasks.id, value(tasks.id, 'upTo'))),
        )
        .orderBy(asc(tasks.id))
        .limit(sql.placeholder('limit')),
    ),
    among: query<{ id: string }>(
      q
        .select({ id: tasks.id })
        .from(tasks)
        .where(matching(sql`${tasks.id} in ${listOf(tasks.id, 'line', LINE)}`)),
    ),
  }
}

const filtered = perDialect((dialect) => {
  const kept = new LRUCache<string, ReturnType<typeof build>>({ max: KEPT })
  return (conditions: Conditions) => {
    const key = conditions.map(({ key }) => key).join(' ')
    const found = kept.get(key) ?? build(dialect, conditions)
    kept.set(key, found)
    return found
  }
})

const valuesOf = (ctx: Ctx, conditions: Conditions) =>
  Object.assign({ reader: readerIdOf(ctx) }, ...conditions.map(({ values }) => values))

/** How many tasks there are, and the last of them. */
export const countMatching = async (
  ctx: Ctx,
  conditions: Conditions,
): Promise<{ matched: number; last: string | null }> => {
  const { count } = filtered(ctx.db)(conditions)
  const { rows } = await readLong(ctx, count, valuesOf(ctx, conditions))
  return { matched: rows[0]?.n ?? 0, last: rows[0]?.last ?? null }
}

/** The next tasks behind `after`, up to `upTo`. */
export const pageMatching = async (
  ctx: Ctx,
  conditions: Conditions,
  place: { readonly after: string; readonly upTo: string; readonly limit: number },
): Promise<string[]> => {
  const { page } = filtered(ctx.db)(conditions)
  const { rows } = await readLong(ctx, page, { ...valuesOf(ctx, conditions), ...place })
  return rows.map(({ id }) => id)
}

/** Does the filter find one of these tasks, ten at most? */
export const isAnyMatching = async (
  ctx: Ctx,
  conditions: Conditions,
  line: readonly string[],
): Promise<boolean> => {
  const filled = fillList('line', [...line, ...Array(LINE - line.length).fill(line[0])])
  const values = { ...valuesOf(ctx, conditions), ...filled }
  return (await ctx.db.one(filtered(ctx.db)(conditions).among, values)) !== undefined
}

const results = perDialect((dialect) => {
  const { q, t } = dialect
  const { bulkResults } = t
  return {
    keep: compile(
      insertOrReplace(
        dialect,
        q.insert(bulkResults).values(everyColumn(bulkResults)),
        [bulkResults.userId],
        { id: bulkResults.id, data: bulkResults.data },
      ),
    ),
    find: query<{ data: Record<string, unknown> }>(
      q
        .select({ data: bulkResults.data })
        .from(bulkResults)
        .where(ownedBy(bulkResults.userId, and(eq(bulkResults.id, value(bulkResults.id, 'id'))))),
    ),
  }
})

/** The write that keeps what a change has done, in the place of the one before it. */
export const keepResult = (
  { db }: Pick<Ctx, 'db'>,
  ownerId: OwnerId,
  id: string,
  data: Readonly<Record<string, unknown>>,
): Write => write(results(db).keep, { userId: ownerId, id, data })

export const findResult = async (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  id: string,
): Promise<Record<string, unknown> | undefined> =>
  (await db.one(results(db).find, { owner, id }))?.data
