// Tasks that wait for others. `task_blockers` has who waits for whom; each task has the ids of its
// blockers, and whether one of them is open, in its own row.
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { OPEN_LIST, openStatuses } from '../../core/open-statuses.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canReadAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import {
  compile,
  everyColumn,
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

/** Tasks that may wait for one: a change of it changes each of them. */
export const MAX_WAITING = 100

export type Blocker = { readonly id: string; readonly status: string; readonly trashed: boolean }
type Link = { readonly blocker: string; readonly task: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, taskBlockers, users } = t
  const no = literal(dialect, false)
  const byUser = eq(users.id, value(users.id, 'owner'))
  const links = (which: SQL) =>
    query<Link>(
      q
        .select({ blocker: taskBlockers.blockerId, task: taskBlockers.taskId })
        .from(taskBlockers)
        .where(which),
    )
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
    ofBlockers: perSlots((slots) =>
      links(sql`${taskBlockers.blockerId} in ${listOf(taskBlockers.blockerId, 'id', slots)}`),
    ),
    ofTasks: perSlots((slots) =>
      links(sql`${taskBlockers.taskId} in ${listOf(taskBlockers.taskId, 'id', slots)}`),
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
            sql`${byUser} and (select count(*) from ${tasks} where ${tasks.id} in ${listOf(tasks.id, 'id', slots)} and ${tasks.trashed} = ${no} and ${tasks.status} in ${OPEN_LIST}) = ${sql.placeholder('open')}`,
          ),
      ),
    ),
    link: compile(q.insert(taskBlockers).values(everyColumn(taskBlockers))),
    unlink: compile(
      q.delete(taskBlockers).where(eq(taskBlockers.taskId, value(taskBlockers.taskId, 'task'))),
    ),
  }
})

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

export const linkBlocker = ({ db }: Pick<Ctx, 'db'>, taskId: string, blockerId: string): Write =>
  write(statements(db).link, { taskId, blockerId })
export const unlinkBlockers = ({ db }: Pick<Ctx, 'db'>, task: string): Write =>
  write(statements(db).unlink, { task })
