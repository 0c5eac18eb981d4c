// Tasks that wait for others. `task_blockers` has who waits for whom; each task has the ids of its
// blockers, and whether one of them is open, in its own row.
import { asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { revision } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { actorIdOf, type OwnerId, readerIdOf } from '../../core/parties.ts'
import { canReadAmong, canWriteAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { openStatuses } from './open.ts'

/** Ids in a list that a statement names once, and twice: D1 takes 100 values a statement. */
const LISTED = 64
const LISTED_TWICE = 32

export type Blocker = { readonly id: string; readonly status: string; readonly trashed: boolean }
type Waiting = { readonly rev: number; readonly task: string | null }
type Link = { readonly blocker: string; readonly task: string }

/** Written out: they are the same in every statement. */
const OPEN = sql.raw(`(${openStatuses.map((status) => `'${status}'`).join(', ')})`)

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskBlockers, users } = t
  const [yes, no] = [literal(dialect, true), literal(dialect, false)]
  const byUser = eq(users.id, value(users.id, 'owner'))
  const links = (which: SQL) =>
    query<Link>(
      q
        .select({ blocker: taskBlockers.blockerId, task: taskBlockers.taskId })
        .from(taskBlockers)
        .where(which),
    )
  const settle = (slots: number) => {
    const list = listOf(tasks.id, 'id', slots)
    const held = sql`(select id from (select link.task_id as id from ${taskBlockers} as link inner join ${tasks} as blocker on blocker.id = link.blocker_id where link.task_id in ${list} and blocker.trashed = ${no} and blocker.status in ${OPEN}) as held)`
    const set = (blocked: SQL, ...which: SQL[]) =>
      compile(
        q
          .update(tasks)
          .set({ ...revision(dialect), blocked } as never)
          .where(canWriteAmong(tasks, sql`${tasks.id} in ${list}`, ...which)),
      )
    return {
      block: set(yes, sql`${tasks.blocked} = ${no}`, sql`${tasks.id} in ${held}`),
      free: set(no, sql`${tasks.blocked} = ${yes}`, sql`${tasks.id} not in ${held}`),
    }
  }
  return {
    rev: query<{ rev: number }>(q.select({ rev: users.blockersRev }).from(users).where(byUser)),
    among: perSlots((slots) =>
      query<Blocker>(
        q
          .select({ id: tasks.id, status: tasks.status, trashed: tasks.trashed })
          .from(tasks)
          .where(
            canReadAmong(
              tasks,
              ownedBy(tasks.ownerId),
              sql`${tasks.id} in ${listOf(tasks.id, 'id', slots)}`,
            ),
          ) as never,
      ),
    ),
    /** With a row that has no task where none waits. */
    waiting: perSlots((slots) =>
      query<Waiting>(
        q
          .select({ rev: users.blockersRev, task: taskBlockers.taskId })
          .from(users)
          .leftJoin(
            taskBlockers,
            sql`${taskBlockers.blockerId} in ${listOf(taskBlockers.blockerId, 'id', slots)}`,
          )
          .where(byUser) as never,
      ),
    ),
    waitingForChildren: perSlots((slots) =>
      query<Waiting>(
        q
          .select({ rev: users.blockersRev, task: sql<string | null>`waiting.task_id`.as('task') })
          .from(users)
          .leftJoin(
            sql`(select link.task_id from ${tasks} as child inner join ${taskBlockers} as link on link.blocker_id = child.id where child.parent_id in ${listOf(tasks.id, 'parent', slots)} and child.id > ${value(tasks.id, 'after')} and child.id <= ${value(tasks.id, 'upTo')}) as waiting`,
            sql`1 = 1`,
          )
          .where(byUser) as never,
      ),
    ),
    ofBlockers: perSlots((slots) =>
      links(sql`${taskBlockers.blockerId} in ${listOf(taskBlockers.blockerId, 'id', slots)}`),
    ),
    ofTasks: perSlots((slots) =>
      links(sql`${taskBlockers.taskId} in ${listOf(taskBlockers.taskId, 'id', slots)}`),
    ),
    ofProject: query<Link>(
      q
        .select({ blocker: taskBlockers.blockerId, task: taskBlockers.taskId })
        .from(taskBlockers)
        .innerJoin(tasks, eq(tasks.id, taskBlockers.blockerId))
        .where(
          canReadAmong(
            tasks,
            eq(tasks.projectId, value(tasks.projectId, 'project')),
            eq(tasks.trashed, no),
          ),
        ),
    ),
    ofTrashed: query<Pick<Link, 'task'>>(
      q
        .select({ task: taskBlockers.taskId })
        .from(taskBlockers)
        .innerJoin(tasks, eq(tasks.id, taskBlockers.blockerId))
        .where(
          canReadAmong(
            tasks,
            eq(tasks.projectId, value(tasks.projectId, 'project')),
            eq(tasks.trashed, yes),
            gt(taskBlockers.taskId, value(taskBlockers.taskId, 'after')),
          ),
        )
        .groupBy(taskBlockers.taskId)
        .orderBy(asc(taskBlockers.taskId))
        .limit(sql.placeholder('limit')),
    ),
    hold: compile(
      q
        .update(users)
        .set({ blockersRev: users.blockersRev as never })
        .where(sql`${byUser} and ${users.blockersRev} = ${value(users.blockersRev, 'was')}`),
    ),
    swap: compile(
      q
        .update(users)
        .set({ blockersRev: sql`${users.blockersRev} + 1` as never })
        .where(sql`${byUser} and ${users.blockersRev} = ${value(users.blockersRev, 'was')}`),
    ),
    areOpen: perSlots((slots) =>
      compile(
        q
          .update(users)
          .set({ seq: users.seq as never })
          .where(
            sql`${byUser} and (select count(*) from ${tasks} where ${tasks.id} in ${listOf(tasks.id, 'id', slots)} and ${tasks.trashed} = ${no} and ${tasks.status} in ${OPEN}) = ${sql.placeholder('open')}`,
          ),
      ),
    ),
    settle: perSlots(settle),
    link: compile(q.insert(taskBlockers).values(everyColumn(taskBlockers))),
    unlink: compile(
      q.delete(taskBlockers).where(eq(taskBlockers.taskId, value(taskBlockers.taskId, 'task'))),
    ),
  }
})

const slices = (ids: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, i) =>
    ids.slice(i * size, (i + 1) * size),
  )

/** Those of these tasks that are the owner's, and that the caller sees. */
export const findBlockers = (
  ctx: Ctx,
  owner: OwnerId,
  ids: readonly string[],
): Promise<Blocker[]> =>
  ctx.db.all(statements(ctx.db).among(slotsFor(ids.length)), {
    reader: readerIdOf(ctx),
    owner,
    ...fillList('id', ids),
  })

/** Is a task that waits for this one blocked by it? */
export const blocks = ({ status, trashed }: Pick<Blocker, 'status' | 'trashed'>): boolean =>
  !trashed && openStatuses.some((open) => open === status)

/** The number of the owner's last batch that made a task wait for another. */
export const blockersRevOf = async ({ db }: Pick<Ctx, 'db'>, owner: OwnerId): Promise<number> =>
  (await db.one(statements(db).rev, { owner }))?.rev ?? 0

const linksOf = async (
  { db }: Pick<Ctx, 'db'>,
  which: 'ofBlockers' | 'ofTasks',
  ids: readonly string[],
): Promise<Link[]> => {
  const found: Link[] = []
  for (const some of slices(ids, LISTED))
    found.push(
      ...(await db.all(statements(db)[which](slotsFor(some.length)), fillList('id', some))),
    )
  return found
}

/** What waits for each of these tasks. */
export const linksToWaiting = (ctx: Pick<Ctx, 'db'>, ids: readonly string[]): Promise<Link[]> =>
  linksOf(ctx, 'ofBlockers', ids)
/** What each of these tasks waits for. */
export const linksToBlockers = (ctx: Pick<Ctx, 'db'>, ids: readonly string[]): Promise<Link[]> =>
  linksOf(ctx, 'ofTasks', ids)

/** `rev` is the number of the owner's last batch that made a task wait, read first. */
export type WaitingTasks = { readonly rev: number; readonly ids: readonly string[] }

/** What waits for any of these tasks. */
export const waitingFor = async (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  blockers: readonly string[],
): Promise<WaitingTasks> => {
  const found: Waiting[] = []
  for (const some of slices(blockers, LISTED)) {
    const values = { owner, ...fillList('id', some) }
    found.push(...(await db.all(statements(db).waiting(slotsFor(some.length)), values)))
  }
  const ids = found.flatMap(({ task }) => task ?? [])
  return { rev: found[0]?.rev ?? 0, ids: [...new Set(ids)] }
}

/** The children of some tasks, between two of their ids. */
type Children = {
  readonly parents: readonly string[]
  readonly after: string
  readonly upTo: string
}

/** What waits for any of these children. */
export const waitingForChildren = async (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  { parents, after, upTo }: Children,
): Promise<WaitingTasks> => {
  const values = { owner, after, upTo, ...fillList('parent', parents) }
  const found = await db.all(statements(db).waitingForChildren(slotsFor(parents.length)), values)
  const ids = found.flatMap(({ task }) => task ?? [])
  return { rev: found[0]?.rev ?? 0, ids: [...new Set(ids)] }
}

/** What waits for a task of a project that is not in the trash. */
export const waitingForProject = async (
  ctx: Ctx,
  owner: OwnerId,
  project: string,
): Promise<WaitingTasks> => {
  const rev = await blockersRevOf(ctx, owner)
  const links = await ctx.db.all(statements(ctx.db).ofProject, { reader: readerIdOf(ctx), project })
  return { rev, ids: [...new Set(links.map(({ task }) => task))] }
}

type Page = { readonly project: string; readonly after: string; readonly limit: number }

/** What waits for a task of a project that is in the trash: a page, in the order of ids. */
export const waitingForTrashed = async (
  ctx: Ctx,
  owner: OwnerId,
  page: Page,
): Promise<WaitingTasks> => {
  const rev = await blockersRevOf(ctx, owner)
  const links = await ctx.db.all(statements(ctx.db).ofTrashed, { reader: readerIdOf(ctx), ...page })
  return { rev, ids: links.map(({ task }) => task) }
}

/** Touches no row where a task was made to wait for another since `was` was read. */
export const holdBlockers = ({ db }: Pick<Ctx, 'db'>, owner: OwnerId, was: number): Write =>
  write(statements(db).hold, { owner, was })

/** The same, for batches that make a task wait: of those that read the same number one happens. */
export const swapBlockers = ({ db }: Pick<Ctx, 'db'>, owner: OwnerId, was: number): Write =>
  write(statements(db).swap, { owner, was })

/** Touches no row where another number than `open` of these tasks block what waits for them. */
export const expectOpen = (
  { db }: Pick<Ctx, 'db'>,
  owner: OwnerId,
  ids: readonly string[],
  open: number,
): Write =>
  write(statements(db).areOpen(slotsFor(ids.length)), { owner, open, ...fillList('id', ids) })

/**
 * Makes `blocked` right in these tasks, after the batch has changed what they wait for. Those where
 * it changes get the revision.
 */
export const settleBlocked = (
  ctx: Ctx,
  ids: readonly string[],
  { rev, at }: { readonly rev: string; readonly at: string },
): Write[] =>
  slices(ids, LISTED_TWICE).flatMap((some) => {
    const { block, free } = statements(ctx.db).settle(slotsFor(some.length))
    const values = { actor: actorIdOf(ctx), rev, updatedAt: at, ...fillList('id', some) }
    return [write(block, values), write(free, values)]
  })

export const linkBlocker = ({ db }: Pick<Ctx, 'db'>, taskId: string, blockerId: string): Write =>
  write(statements(db).link, { taskId, blockerId })
export const unlinkBlockers = ({ db }: Pick<Ctx, 'db'>, task: string): Write =>
  write(statements(db).unlink, { task })
