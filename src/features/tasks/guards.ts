// Preconditions of placing a task, checked again in the batch that places it. By then the batch has
// the owner's lock (core/unit-of-work.ts), so a guard sees what the other batches left, and no other
// batch has to be refused for it.
import { and, eq, gt, lt, ne, type SQL, sql } from 'drizzle-orm'
import { countedRevision } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { actorIdOf, readerIdOf } from '../../core/parties.ts'
import { canRead, canWrite } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { compile, value, type Write, write } from '../../db/statement.ts'
import { holdProject, holdTree, swapTree } from '../projects/index.ts'
import type { NewPlacement, Placement, Remade } from './placement.ts'
import { countersOf, shareOf } from './progress.ts'
import type { Task } from './schemas.ts'
import { down, MAX_LEVELS, up } from './subtree.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, users } = t
  const line = up(dialect, 'parent')
  const levelsAbove = sql`(select max(level) from ${line} as above)`
  const levelsOfTask = sql`(select max(level) from ${down(dialect, 'task')} as below)`
  const notBelowItself = sql`${value(tasks.id, 'task')} not in (select id from ${line} as line)`
  const most = sql.raw(String(MAX_LEVELS))
  const ofParent = (...conditions: SQL[]) =>
    canWrite(
      tasks,
      eq(tasks.id, value(tasks.id, 'parent')),
      eq(tasks.projectId, value(tasks.projectId, 'project')),
      eq(tasks.trashed, literal(dialect, false)),
      ...conditions,
    )
  const parent = (...conditions: SQL[]) =>
    compile(
      q
        .update(tasks)
        .set({ rev: tasks.rev as never })
        .where(ofParent(...conditions)),
    )
  const live = eq(tasks.trashed, literal(dialect, false))
  const between = canRead(
    tasks,
    eq(tasks.projectId, value(tasks.projectId, 'project')),
    live,
    gt(tasks.position, value(tasks.position, 'from')),
    lt(tasks.position, value(tasks.position, 'end')),
    ne(tasks.id, value(tasks.id, 'task')),
  )
  // A table of its own: MySQL reads none that it is about to update.
  const counted = sql`(select counted.n from (select count(*) as n from ${tasks} where ${between}) as counted)`
  return {
    ofRemade: compile(
      q
        .update(tasks)
        .set({ rev: tasks.rev as never })
        .where(
          canWrite(
            tasks,
            eq(tasks.id, value(tasks.id, 'task')),
            sql`${counted} = ${sql.placeholder('count')}`,
          ),
        ),
    ),
    ofOldChild: parent(),
    ofNewChild: compile(
      q
        .update(tasks)
        .set({ ...countersOf(dialect), ...countedRevision(dialect) })
        .where(ofParent(sql`${levelsAbove} < ${most}`)),
    ),
    // What went to the trash together with its parent is counted there.
    ofTrashedChild: compile(
      q
        .update(tasks)
        .set({ ...countersOf(dialect), ...countedRevision(dialect) })
        .where(
          canWrite(
            tasks,
            eq(tasks.id, value(tasks.id, 'parent')),
            eq(tasks.deletedAt, value(tasks.deletedAt, 'deletedAt')),
          ),
        ),
    ),
    ofMovedChild: parent(sql`${levelsAbove} + ${levelsOfTask} <= ${most}`, notBelowItself),
    ofLargeChild: parent(
      sql`${levelsAbove} + ${sql.placeholder('levels')} <= ${most}`,
      notBelowItself,
    ),
    unchangedSince: compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(and(eq(users.id, value(users.id, 'owner')), eq(users.seq, sql.placeholder('seq')))),
    ),
  }
})

type Parent = { readonly parentId: string; readonly projectId: string }
const valuesOf = (ctx: Ctx, { parentId, projectId }: Parent) => ({
  actor: actorIdOf(ctx),
  reader: readerIdOf(ctx),
  parent: parentId,
  project: projectId,
})

/**
 * Guards of a new task; that of its parent counts it there. The inbox stays as long as its user: at
 * its top a task relies on nothing that could change.
 */
export const guardsOfNew = (
  ctx: Ctx,
  { projectId, parentId, inbox }: NewPlacement,
  task: Pick<Task, 'status'>,
): Write[] => {
  if (parentId !== null)
    return [
      write(statements(ctx.db).ofNewChild, {
        ...valuesOf(ctx, { parentId, projectId }),
        ...shareOf(task),
        rev: ctx.ids.next(),
        updatedAt: now(ctx),
      }),
    ]
  return inbox ? [] : [holdProject(ctx, projectId)]
}

/**
 * Counts a new task that is in the trash, where its parent went there together with it. It guards
 * nothing: another parent does not count it.
 */
export const countTrashed = (
  ctx: Ctx,
  parentId: string,
  task: Pick<Task, 'status' | 'deleted_at'>,
): Write =>
  write(statements(ctx.db).ofTrashedChild, {
    actor: actorIdOf(ctx),
    parent: parentId,
    deletedAt: task.deleted_at,
    ...shareOf(task),
    rev: ctx.ids.next(),
    updatedAt: now(ctx),
  })

/**
 * The guard of a task that comes back: its parent lives in the project or, where it has none, the
 * project exists.
 */
export const guardOfRestored = (ctx: Ctx, { project_id, parent_id }: Task): Write =>
  parent_id === null
    ? holdProject(ctx, project_id)
    : write(
        statements(ctx.db).ofOldChild,
        valuesOf(ctx, { parentId: parent_id, projectId: project_id }),
      )

/** Behind every position: they consist of digits and letters. */
const END = '~'

/**
 * Counts the tasks that get new positions: one that came between them since they were read makes
 * the count wrong. One that left has a new revision, which its own update checks.
 */
const guardOfRemade = (
  ctx: Ctx,
  task: Task,
  project: string,
  { from = '', end = END, count }: Remade,
): Write =>
  write(statements(ctx.db).ofRemade, {
    actor: actorIdOf(ctx),
    reader: readerIdOf(ctx),
    task: task.id,
    project,
    from,
    end,
    count,
  })

/**
 * Guards of a task that gets another place. Where it stays with its parent, its own revision says
 * that both are there.
 */
export const guardsOfMoved = (
  ctx: Ctx,
  task: Task,
  { tree, parentId, positions, large }: Placement,
): Write[] => {
  const stays = tree.id === task.project_id && parentId === task.parent_id
  const ordered =
    positions === undefined
      ? []
      : positions === 'held'
        ? [holdTree(ctx, tree)]
        : [swapTree(ctx, tree), guardOfRemade(ctx, task, tree.id, positions)]
  if (stays) return ordered
  if (parentId === null) return positions === undefined ? [holdProject(ctx, tree.id)] : ordered
  const parent = { ...valuesOf(ctx, { parentId, projectId: tree.id }), task: task.id }
  const { ofMovedChild, ofLargeChild, unchangedSince } = statements(ctx.db)
  if (!large) return [...ordered, write(ofMovedChild, parent)]
  // What is below it takes too long to be looked at again here. The batch itself has advanced `seq`
  // by one.
  const unchanged = write(unchangedSince, { owner: tree.ownerId, seq: large.seq + 1 })
  return [...ordered, unchanged, write(ofLargeChild, { ...parent, levels: large.levels })]
}
