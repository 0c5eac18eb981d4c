// A task with everything below it, by recursive queries that all dialects share.
import { eq, type SQL, sql } from 'drizzle-orm'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf, type OwnerId, readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canRead, canReadAmong, canWriteAmong } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import {
  compile,
  fillList,
  LISTED,
  listOf,
  perSlots,
  placeholders,
  query,
  slotsFor,
  value,
  write,
} from '../../db/statement.ts'
import { lookForDue } from '../reminders/index.ts'
import { takenAlong } from './happened.ts'

/** Subtasks may have subtasks, so many levels in all. */
export const MAX_LEVELS = 10

/**
 * The ids of a task that the `reader` sees (level 1) and all below it. `root` is the placeholder of
 * the task's id.
 */
export const down = (dialect: Dialect, root = 'root'): SQL => {
  const { tasks } = dialect.t
  return sql`(with recursive tree (id, level) as (
    select ${tasks.id}, 1 from ${tasks} where ${tasks.id} = ${value(tasks.id, root)} and ${canRead(tasks)}
    union all select ${tasks.id}, tree.level + 1 from ${tasks} inner join tree on ${tasks.parentId} = tree.id where tree.level < ${sql.raw(String(MAX_LEVELS))}
  ) select id, level from tree)`
}

/** The ids of a task that the `reader` sees (level 1) and all above it. */
export const up = (dialect: Dialect, root = 'root'): SQL => {
  const { tasks } = dialect.t
  return sql`(with recursive line (id, parent_id, level) as (
    select ${tasks.id}, ${tasks.parentId}, 1 from ${tasks} where ${tasks.id} = ${value(tasks.id, root)} and ${canRead(tasks)}
    union all select ${tasks.id}, ${tasks.parentId}, line.level + 1 from ${tasks} inner join line on ${tasks.id} = line.parent_id where line.level < ${sql.raw(String(MAX_LEVELS))}
  ) select id, level from line)`
}

/** The same of several tasks: `root` is the one from which each of these lines goes up. */
const upFrom = (dialect: Dialect, roots: SQL): SQL => {
  const { tasks } = dialect.t
  return sql`(with recursive line (root, id, parent_id, level) as (
    select ${tasks.id}, ${tasks.id}, ${tasks.parentId}, 1 from ${tasks} where ${canReadAmong(tasks, sql`${tasks.id} in ${roots}`)}
    union all select line.root, ${tasks.id}, ${tasks.parentId}, line.level + 1 from ${tasks} inner join line on ${tasks.id} = line.parent_id where line.level < ${sql.raw(String(MAX_LEVELS))}
  ) select root, id, level from line)`
}

type Step = { id: string; level: number }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, users } = t
  const step = { id: sql<string>`id`.as('id'), level: sql<number>`level`.as('level') }
  const below = sql`${tasks.id} in (select id from ${down(dialect)} as below)`
  const revised = revision(dialect)
  const others = sql`${below} and ${tasks.id} <> ${value(tasks.id, 'root')}`
  return {
    up: query<Step>(q.select(step).from(sql`${up(dialect)} as above`)),
    upFrom: perSlots((slots) =>
      query<Step & { root: string }>(
        q
          .select({ ...step, root: sql<string>`root`.as('root') })
          .from(sql`${upFrom(dialect, listOf(tasks.id, 'id', slots))} as above`),
      ),
    ),
    seq: query<{ seq: number }>(
      q
        .select({ seq: users.seq })
        .from(users)
        .where(eq(users.id, value(users.id, 'owner'))),
    ),
    trash: compile(
      q
        .update(tasks)
        .set({ ...placeholders(['deletedAt', 'trashed']), ...revised })
        .where(
          canWriteAmong(
            tasks,
            others,
            sql`${tasks.trashed} = ${value(tasks.trashed, 'wasTrashed')}`,
          ),
        ),
    ),
    restore: compile(
      q
        .update(tasks)
        .set({ ...placeholders(['projectId', 'deletedAt', 'trashed']), ...revised })
        .where(
          canWriteAmong(tasks, others, sql`${tasks.deletedAt} = ${value(tasks.deletedAt, 'was')}`),
        ),
    ),
    move: compile(
      q
        .update(tasks)
        .set({ ...placeholders(['projectId']), ...revised })
        .where(canWriteAmong(tasks, others)),
    ),
  }
})

/** The ids of the tasks from this one up to the top, this one first. */
export const ancestry = async (ctx: Ctx, root: string): Promise<string[]> =>
  (await ctx.db.all(statements(ctx.db).up, { reader: readerIdOf(ctx), root }))
    .sort((a, b) => a.level - b.level)
    .map(({ id }) => id)

/** The same of each of these tasks, by their ids. */
export const ancestries = async (
  ctx: Ctx,
  roots: readonly string[],
): Promise<Map<string, string[]>> => {
  const lines = new Map<string, string[]>()
  for (const some of slices([...new Set(roots)], LISTED)) {
    const values = { reader: readerIdOf(ctx), ...fillList('id', some) }
    const steps = await ctx.db.all(statements(ctx.db).upFrom(slotsFor(some.length)), values)
    for (const { root, id } of steps.sort((a, b) => a.level - b.level))
      lines.set(root, [...(lines.get(root) ?? []), id])
  }
  return lines
}

/** The number of the last change of an owner's things. */
export const seqOf = async ({ db }: Pick<Ctx, 'db'>, ownerId: OwnerId): Promise<number> =>
  (await db.one(statements(db).seq, { owner: ownerId }))?.seq ?? 0

/** Everything below `root` that is not in the trash goes there. */
export const trashBelow = (ctx: Ctx, root: string, at: string): Told =>
  revise(ctx, root, 'trash', { deletedAt: at, trashed: true, wasTrashed: false })

/**
 * Everything below `root` that went to the trash with it, at the instant `was`, comes back, in
 * `projectId`.
 */
export const restoreBelow = (ctx: Ctx, root: string, was: string, projectId: string): Told => {
  lookForDue(ctx)
  return revise(ctx, root, 'restore', { deletedAt: null, trashed: false, was, projectId })
}

/** Everything below `root` follows it into `projectId`. */
export const moveBelow = (ctx: Ctx, root: string, projectId: string): Told =>
  revise(ctx, root, 'move', { projectId })

/** A change of the tasks below `root`, which gives each a new revision. */
const revise = (
  ctx: Ctx,
  root: string,
  change: 'trash' | 'restore' | 'move',
  values: object,
): Told => {
  const [rev, at] = [ctx.ids.next(), now(ctx)]
  const users = { reader: readerIdOf(ctx), actor: actorIdOf(ctx) }
  return {
    writes: [write(statements(ctx.db)[change], { ...users, root, rev, ...values, updatedAt: at })],
    changes: [{ rev, at, event: takenAlong(root, change) }],
  }
}
