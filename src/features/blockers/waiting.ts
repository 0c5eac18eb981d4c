// The tasks that wait for some others, and whether they are blocked.
import { asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { revision } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { OPEN_LIST } from '../../core/open-statuses.ts'
import { actorIdOf, type OwnerId, readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canReadAmong, canWriteAmong } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import {
  compile,
  fillList,
  LISTED,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { blockersRevOf, MAX_WAITING } from './store.ts'

/** Ids in a list that a statement names twice: D1 takes 100 values a statement. */
const LISTED_TWICE = 32

type Linked = { readonly task: string }
type Waiting = { readonly rev: number; readonly task: string | null }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskBlockers, users } = t
  const [yes, no] = [literal(dialect, true), literal(dialect, false)]
  const byUser = eq(users.id, value(users.id, 'owner'))
  const settle = (slots: number) => {
    const list = listOf(tasks.id, 'id', slots)
    const held = sql`(select id from (select link.task_id as id from ${taskBlockers} as link inner join ${tasks} as blocker on blocker.id = link.blocker_id where link.task_id in ${list} and blocker.trashed = ${no} and blocker.status in ${OPEN_LIST}) as held)`
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
    ofProject: query<Linked>(
      q
        .select({ task: taskBlockers.taskId })
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
    ofTrashed: query<Linked>(
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
    settle: perSlots(settle),
  }
})

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

/**
 * Do more tasks wait for these than one batch may change? Few blockers are not looked at: so many
 * tasks cannot wait for them.
 */
export const isCrowded = async (
  ctx: Ctx,
  owner: OwnerId,
  blockers: readonly string[],
): Promise<boolean> => {
  const most = chunkRows(ctx)
  if (blockers.length * MAX_WAITING <= most) return false
  return (await waitingFor(ctx, owner, blockers)).ids.length > most
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
