// The children of tasks, a chunk at a time.
import { asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm'
import { inTurn } from '../../core/bulk.ts'
import { chunkRows } from '../../core/bulk-kinds.ts'
import type { Ctx } from '../../core/context.ts'
import { FIRST_ID, LAST_ID } from '../../core/ids.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { canReadAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { fillList, listOf, perSlots, query, slotsFor, value } from '../../db/statement.ts'
import { isCrowded } from '../blockers/index.ts'
import { MAX_LEVELS } from './subtree.ts'

/** Tasks whose children are looked at together: D1 takes 100 values a statement. */
export const PARENTS = 64

/**
 * Children of `parents` with ids behind `after`, up to `upTo`: at most a chunk. `last` where there
 * are no more of them.
 */
export type Page = {
  readonly parents: readonly string[]
  readonly after: string
  readonly upTo: string
  readonly last: boolean
}

const statements = perDialect(({ q, t: { tasks } }) => {
  const nth = (order: boolean, ...which: SQL[]) => {
    const built = q
      .select({ id: tasks.id })
      .from(tasks)
      .where(canReadAmong(tasks, ...which))
    return query<{ id: string }>(
      (order ? built.orderBy(asc(tasks.id)) : built)
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('offset')),
    )
  }
  const after = gt(tasks.id, value(tasks.id, 'after'))
  const upTo = lte(tasks.id, value(tasks.id, 'upTo'))
  const parent = eq(tasks.parentId, value(tasks.parentId, 'parent'))
  const ofMany = (slots: number) => {
    const parents = sql`${tasks.parentId} in ${listOf(tasks.id, 'parent', slots)}`
    const isParent = sql`exists (select 1 from ${tasks} as child where child.parent_id = ${tasks.id})`
    return {
      nth: nth(false, parents),
      children: query<{ id: string }>(
        q
          .select({ id: tasks.id })
          .from(tasks)
          .where(canReadAmong(tasks, parents))
          .limit(sql.placeholder('limit')),
      ),
      parents: query<{ id: string }>(
        q
          .select({ id: tasks.id })
          .from(tasks)
          .where(canReadAmong(tasks, parents, after, upTo, isParent)),
      ),
    }
  }
  return {
    nthOfOne: nth(true, parent, after),
    ofMany: perSlots(ofMany),
  }
})

/**
 * The next page of children: of as many of the parents as have no more than a chunk together, else
 * of the first.
 */
export const pageOfChildren = async (
  ctx: Ctx,
  parents: readonly string[],
  after = FIRST_ID,
  rows = chunkRows(ctx),
): Promise<Page> => {
  const { nthOfOne, ofMany } = statements(ctx.db)
  const reader = readerIdOf(ctx)
  if (parents.length > 1) {
    const values = { reader, offset: rows, ...fillList('parent', parents) }
    if (!(await ctx.db.one(ofMany(slotsFor(parents.length)).nth, values)))
      return { parents, after: FIRST_ID, upTo: LAST_ID, last: true }
  }
  const parent = parents[0] as string
  const end = await ctx.db.one(nthOfOne, { reader, parent, after, offset: rows - 1 })
  return { parents: [parent], after, upTo: end?.id ?? LAST_ID, last: end === undefined }
}

/**
 * What is below a task: `large` where that is more than one batch may change, and then no more is
 * known of it.
 */
export type Reach = {
  readonly below: readonly string[]
  readonly levels: number
  readonly large: boolean
}

/** Looks at what is below a task, level by level, as far as one batch may go. */
export const reach = async (ctx: Ctx, root: string): Promise<Reach> => {
  const most = chunkRows(ctx)
  const below: string[] = []
  let levels = 1
  for (let level = [root]; level.length > 0; ) {
    const next: string[] = []
    for (let i = 0; i < level.length && below.length + next.length <= most; i += PARENTS) {
      const parents = level.slice(i, i + PARENTS)
      const values = { reader: readerIdOf(ctx), limit: most + 1, ...fillList('parent', parents) }
      const { children } = statements(ctx.db).ofMany(slotsFor(parents.length))
      next.push(...(await ctx.db.all(children, values)).map(({ id }) => id))
    }
    below.push(...next)
    if (below.length > most) return { below, levels, large: true }
    if (next.length > 0) levels++
    level = next
  }
  return { below, levels, large: false }
}

/**
 * The same where the status or the trash changes: `large` also where more tasks wait for what is
 * below than one batch may change.
 */
export const reachOfBlockers = async (ctx: Ctx, owner: OwnerId, root: string): Promise<Reach> => {
  const found = await reach(ctx, root)
  return found.large ? found : { ...found, large: await isCrowded(ctx, owner, found.below) }
}

/** What a page counts against the caller's limit: it takes about two milliseconds. */
const PAGE_POINTS = 0.2

type Level = { readonly parents: readonly string[]; readonly level: number; readonly after: string }

/**
 * How many levels a large tree has, from `root` down: at most one more than there may be. It is
 * read page by page, and other requests come in between: what it answers holds as long as the user
 * changes nothing.
 */
export const levelsOf = async (ctx: Ctx, root: string): Promise<number> => {
  const open: Level[] = [{ parents: [root], level: 1, after: FIRST_ID }]
  let levels = 1
  for (let top = open.pop(); top && levels <= MAX_LEVELS; top = open.pop()) {
    const { parents, level, after } = top
    const { page, inner } = await inTurn(ctx, () =>
      innerChildren(ctx, parents.slice(0, PARENTS), after),
    )
    levels = Math.max(levels, level + 1)
    const rest = page.last ? parents.slice(page.parents.length) : parents
    if (rest.length > 0)
      open.push({ parents: rest, level, after: page.last ? FIRST_ID : page.upTo })
    if (inner.length > 0) open.push({ parents: inner, level: level + 1, after: FIRST_ID })
  }
  return levels
}

/** A page of children, and those of them that have children themselves. */
const innerChildren = async (
  ctx: Ctx,
  parents: readonly string[],
  from: string,
): Promise<{ page: Page; inner: string[] }> => {
  ctx.charge?.(PAGE_POINTS)
  const page = await pageOfChildren(ctx, parents, from)
  const { after, upTo } = page
  const values = { reader: readerIdOf(ctx), after, upTo, ...fillList('parent', page.parents) }
  const inner = await ctx.db.all(
    statements(ctx.db).ofMany(slotsFor(page.parents.length)).parents,
    values,
  )
  return { page, inner: inner.map(({ id }) => id) }
}
