// What the completion of a task does to the status of the tasks below it, and its undoing. Tasks
// below one that recurs by itself are left alone, and so are those in the trash. Each remembers
// what changed it (`status_by`) and what it was before.
import { eq, type SQL, sql } from 'drizzle-orm'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { recordRevised } from '../../core/events.ts'
import { OPEN_LIST } from '../../core/open-statuses.ts'
import { actorIdOf, type OwnerId, readerIdOf } from '../../core/parties.ts'
import { canRead, canReadAmong, canWriteAmong } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { compile, query, type Statement, value, type Write, write } from '../../db/statement.ts'
import { lookForDue } from '../reminders/index.ts'
import { takenAlong } from './happened.ts'
import { countRevised } from './progress.ts'
import type { Task } from './schemas.ts'
import { MAX_LEVELS } from './subtree.ts'

/**
 * `close`: what is open is completed at the instant `at`, because `by` is. `renew`: what is
 * completed is pending again, because `by` is at its next occurrence. `undo`: what `by` changed is
 * as it was, if it is still completed at `at` where that is given; `undone` says which change it was.
 */
export type StatusChange =
  | { readonly change: 'close'; readonly by: string; readonly at: string }
  | { readonly change: 'renew'; readonly by: string }
  | {
      readonly change: 'undo'
      readonly undone: 'close' | 'renew'
      readonly by: string
      readonly at: string | null
    }

/** What the statements of each change set, and the rows that they are about. */
export const statusChanges = (dialect: Dialect) => {
  const { tasks } = dialect.t
  const live = sql`${tasks.trashed} = ${literal(dialect, false)}`
  const once = sql`${tasks.recurrence} is null`
  const changedBy = sql`${tasks.statusBy} = ${value(tasks.statusBy, 'by')}`
  const open = sql`${tasks.status} in ${OPEN_LIST}`
  const completed = sql`${tasks.status} = 'completed'`
  const remember = {
    statusBy: value(tasks.statusBy, 'by'),
    statusBefore: sql`${tasks.status}`,
    completedBefore: sql`${tasks.completedAt}`,
  }
  const set = (to: 'completed' | 'pending', at: SQL) => ({
    ...revision(dialect),
    status: sql.raw(`'${to}'`),
    completedAt: at,
  })
  // In two steps, because MySQL sets one column after the other.
  return {
    close: [
      { set: remember, where: [live, once, open] },
      { set: set('completed', value(tasks.completedAt, 'at')), where: [changedBy, once, open] },
    ],
    renew: [
      { set: remember, where: [live, once, completed] },
      { set: set('pending', sql.raw('null')), where: [changedBy, once, completed] },
    ],
    undo: [
      {
        set: {
          ...revision(dialect),
          status: sql`${tasks.statusBefore}`,
          completedAt: sql`${tasks.completedBefore}`,
          statusBy: sql.raw('null'),
          statusBefore: sql.raw('null'),
          completedBefore: sql.raw('null'),
        },
        where: [live, once, changedBy],
      },
    ],
    undoOfInstant: sql`${tasks.completedAt} = ${value(tasks.completedAt, 'at')}`,
  }
}

/** The ids of the tasks below `root` whose status follows from its own. */
export const followers = (dialect: Dialect): SQL => {
  const { tasks } = dialect.t
  const most = sql.raw(String(MAX_LEVELS))
  return sql`(with recursive tree (id, level) as (
    select ${tasks.id}, 1 from ${tasks} where ${tasks.id} = ${value(tasks.id, 'root')} and ${canRead(tasks)}
    union all select ${tasks.id}, tree.level + 1 from ${tasks} inner join tree on ${tasks.parentId} = tree.id where tree.level < ${most} and ${tasks.recurrence} is null
  ) select id from tree where level > 1)`
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const below = sql`${tasks.id} in (select id from ${followers(dialect)} as below)`
  const { close, renew, undo, undoOfInstant } = statusChanges(dialect)
  type Step = (typeof close)[number] | (typeof undo)[number]
  const step = ({ set, where }: Step, ...more: SQL[]): Statement =>
    compile(
      q
        .update(tasks)
        .set(set as never)
        .where(canWriteAmong(tasks, below, ...where, ...more)),
    )
  /** The children of `root` that the first step is about. */
  const children = ([first]: readonly Step[], ...more: SQL[]) =>
    query<{ n: number }>(
      q
        .select({ n: sql<number>`count(*)`.mapWith(Number).as('n') })
        .from(tasks)
        .where(
          canReadAmong(
            tasks,
            eq(tasks.parentId, value(tasks.parentId, 'root')),
            ...(first?.where ?? []),
            ...more,
          ),
        ),
    )
  return {
    close: close.map((one) => step(one)),
    renew: renew.map((one) => step(one)),
    undo: undo.map((one) => step(one)),
    undoOfInstant: undo.map((one) => step(one, undoOfInstant)),
    children: {
      close: children(close),
      renew: children(renew),
      undo: children(undo),
      undoOfInstant: children(undo, undoOfInstant),
    },
  }
})

/** Changes the status of everything below `root`, in one batch, and counts it there. */
export const changeStatusBelow = (
  ctx: Ctx,
  owner: OwnerId,
  root: string,
  data: StatusChange,
): Told => {
  if (data.change !== 'close') lookForDue(ctx)
  const [rev, updatedAt] = [ctx.ids.next(), now(ctx)]
  const users = { reader: readerIdOf(ctx), actor: actorIdOf(ctx) }
  const values = { ...users, root, rev, updatedAt, ...data }
  const counted = countRevised(ctx, owner, outcomeOf(data), { root, rev, at: updatedAt })
  return {
    writes: [
      ...statements(ctx.db)[kindOf(data)].map((statement) => write(statement, values)),
      recordStatus(ctx, owner, root, data, { rev, at: updatedAt }),
      ...counted,
    ],
    changes: [{ rev, at: updatedAt, event: null }],
  }
}

/**
 * Records the change of each task that has the revision by now: before their parents get it, too,
 * because they count them.
 */
export const recordStatus = (
  ctx: Ctx,
  owner: OwnerId,
  root: string | undefined,
  data: StatusChange,
  revised: { readonly rev: string; readonly at: string },
): Write => {
  const change = data.change === 'undo' ? (`undo_${data.undone}` as const) : data.change
  return recordRevised(ctx, owner, revised, takenAlong(root, change))
}

/** What the change makes of the tasks that it changes. */
export const outcomeOf = (data: StatusChange): 'completed' | 'reopened' => {
  const closes = data.change === 'undo' ? data.undone === 'renew' : data.change === 'close'
  return closes ? 'completed' : 'reopened'
}

/** The progress of a task when that change has been made in its children. */
export const progressAfter = async (
  ctx: Ctx,
  { id, progress }: Pick<Task, 'id' | 'progress'>,
  data: StatusChange,
): Promise<Task['progress']> => {
  if (progress === null) return null
  const values = { reader: readerIdOf(ctx), root: id, ...data }
  const changed = (await ctx.db.one(statements(ctx.db).children[kindOf(data)], values))?.n ?? 0
  const sign = outcomeOf(data) === 'completed' ? 1 : -1
  return { ...progress, completed: progress.completed + sign * changed }
}

export const kindOf = (data: StatusChange) =>
  data.change === 'undo' && data.at !== null ? 'undoOfInstant' : data.change
