// The tasks that have a label: they show its name, so its change is theirs.
import { and, asc, eq, gt, lte, ne, type SQL, sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { revision, type Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import type { OwnerId } from '../../core/parties.ts'
import { countRows, labelsOnTask } from '../../core/stored-bytes.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { textList } from '../../db/portable.ts'
import {
  compile,
  query,
  type Statement,
  type Values,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { NO_NAME } from './row.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { labels, taskLabels, tasks } = t
  const label = eq(taskLabels.labelId, value(taskLabels.labelId, 'label'))
  const upTo = lte(taskLabels.taskId, value(taskLabels.taskId, 'upTo'))
  const behind = gt(taskLabels.taskId, value(taskLabels.taskId, 'after'))
  /**
   * Of the tasks that `links` link, the labels' names as they are by then; a label without a name
   * is being deleted.
   */
  const reviseTasks = (links: SQL | undefined, besides?: SQL) => {
    const named = and(eq(taskLabels.taskId, tasks.id), ne(labels.name, NO_NAME), besides)
    const names = sql`from ${taskLabels} inner join ${labels} on ${eq(labels.id, taskLabels.labelId)} where ${named}`
    const labelled = sql`${tasks.id} in (select ${taskLabels.taskId} from ${taskLabels} where ${links})`
    const set = {
      ...revision(dialect),
      labels: textList(dialect, labels.name, names),
    }
    const where = ownedAmong(tasks.ownerId, labelled)
    const count = (sign: '+' | '-') =>
      countRows(dialect, sign, labelsOnTask(dialect), { table: tasks, where })
    return {
      before: count('-'),
      change: compile(q.update(tasks).set(set).where(where)),
      after: count('+'),
    }
  }
  const nth = (...links: (SQL | undefined)[]) =>
    query<{ taskId: string }>(
      q
        .select({ taskId: taskLabels.taskId })
        .from(taskLabels)
        .where(and(label, ...links))
        .orderBy(asc(taskLabels.taskId))
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('offset')),
    )
  const other = value(labels.id, 'into')
  /** Links the tasks that have the label to another one of the owner, where they lack that. */
  const linkOther = (...which: SQL[]) =>
    compile(
      q.insert(taskLabels).select(
        q
          .select({ taskId: taskLabels.taskId, labelId: labels.id } as never)
          .from(taskLabels)
          .innerJoin(labels, ownedBy(labels.ownerId, eq(labels.id, other)))
          .where(
            and(
              label,
              ...which,
              sql`${taskLabels.taskId} not in (select already.task_id from ${taskLabels} already where already.label_id = ${other})`,
            ),
          ),
      ),
    )
  return {
    removeNameless: compile(
      q
        .delete(labels)
        .where(
          ownedBy(
            labels.ownerId,
            eq(labels.id, value(labels.id, 'label')),
            eq(labels.name, NO_NAME),
          ),
        ),
    ),
    labelled: query<{ n: number }>(
      q
        .select({ n: sql<number>`count(*)`.mapWith(Number).as('n') })
        .from(taskLabels)
        .where(label),
    ),
    nthLinked: nth(),
    nthLinkedAfter: nth(behind),
    reviseTasks: reviseTasks(label),
    reviseTasksWithout: reviseTasks(
      label,
      ne(taskLabels.labelId, value(taskLabels.labelId, 'label')),
    ),
    reviseSome: reviseTasks(and(label, behind, upTo)),
    reviseRest: reviseTasks(and(label, behind)),
    linkSome: linkOther(upTo),
    linkAll: linkOther(),
    unlinkSome: compile(q.delete(taskLabels).where(and(label, upTo))),
    unlinkRest: compile(q.delete(taskLabels).where(label)),
  }
})

/** How many tasks have the label. */
export const countLabelled = async (ctx: Ctx, label: string): Promise<number> =>
  (await ctx.db.one(statements(ctx.db).labelled, { label }))?.n ?? 0

/** A new revision for every task that shows this label, which has just got another name. */
export const reviseLabelled = (ctx: Ctx, owner: OwnerId, label: string): Told =>
  revise(ctx, owner, statements(ctx.db).reviseTasks, { label })
/**
 * The same with the names of its other labels, before this one is deleted and takes the links
 * along. The tasks get the label `into` instead, if there is one.
 */
export const reviseWithout = (
  ctx: Ctx,
  owner: OwnerId,
  label: string,
  into: string | undefined,
): Told => {
  const { reviseTasksWithout, linkAll } = statements(ctx.db)
  return revise(ctx, owner, reviseTasksWithout, { label }, linked(linkAll, { owner, label, into }))
}

/** Before the names of the tasks are written anew. */
const linked = (link: Statement, values: Values): Write[] =>
  values['into'] === undefined ? [] : [write(link, values)]

/** A change of tasks; what their labels take is counted before and after it. */
type Revision = {
  readonly before: Statement
  readonly change: Statement
  readonly after: Statement
}

const revise = (
  ctx: Ctx,
  owner: OwnerId,
  { before, change, after }: Revision,
  which: Values,
  links: readonly Write[] = [],
): Told => {
  const [rev, at] = [ctx.ids.next(), now(ctx)]
  const tasks = { ...which, owner }
  return {
    writes: [
      write(before, tasks),
      ...links,
      write(change, { ...tasks, rev, updatedAt: at }),
      write(after, tasks),
    ],
    changes: [{ rev, at, event: null }],
  }
}

/** Do more tasks have this label than one batch may change? */
export const isOnMany = async (ctx: Ctx, label: string): Promise<boolean> =>
  (await ctx.db.one(statements(ctx.db).nthLinked, { label, offset: chunkRows(ctx) })) !== undefined

/**
 * The last task of the next chunk of those that have the label, in the order of ids; undefined
 * where fewer are left.
 */
const chunkEnd = async (ctx: Ctx, label: string, after: string): Promise<string | undefined> =>
  (
    await ctx.db.one(statements(ctx.db).nthLinkedAfter, {
      label,
      after,
      offset: chunkRows(ctx) - 1,
    })
  )?.taskId

/**
 * Gives a chunk of the tasks behind `after` that have the label its name; answers the last of them,
 * if there are more.
 */
export const renameChunk = async (
  ctx: Ctx,
  owner: OwnerId,
  label: string,
  after = FIRST_ID,
): Promise<Told & { upTo?: string }> => {
  const { reviseSome, reviseRest } = statements(ctx.db)
  const upTo = await chunkEnd(ctx, label, after)
  if (upTo === undefined) return revise(ctx, owner, reviseRest, { label, after })
  return { ...revise(ctx, owner, reviseSome, { label, after, upTo }), upTo }
}

/**
 * Takes the nameless label off a chunk of its tasks, which get the label `into` instead, if there
 * is one; the last chunk deletes it.
 */
export const deletionChunk = async (
  ctx: Ctx,
  owner: OwnerId,
  label: string,
  into: string | undefined,
): Promise<Told & { last: boolean }> => {
  const { reviseSome, reviseRest, linkSome, linkAll, unlinkSome, unlinkRest, removeNameless } =
    statements(ctx.db)
  const upTo = await chunkEnd(ctx, label, FIRST_ID)
  const which = { label, after: FIRST_ID, upTo }
  const links = linked(upTo === undefined ? linkAll : linkSome, { owner, label, upTo, into })
  if (upTo !== undefined) {
    const { writes, changes } = revise(ctx, owner, reviseSome, which, links)
    return { writes: [...writes, write(unlinkSome, { label, upTo })], changes, last: false }
  }
  const { writes, changes } = revise(ctx, owner, reviseRest, which, links)
  const gone = write(removeNameless, { owner, label })
  return { writes: [...writes, write(unlinkRest, { label }), gone], changes, last: true }
}
