// How many of a task's direct children are completed: two counters in its row, so that a list is as
// fast as without. They change in the batch that changes a child.
import { eq, sql } from 'drizzle-orm'
import { countedRevision, revisedAt, revision } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { actorIdOf, type OwnerId } from '../../core/parties.ts'
import { canWrite, ownedAmong, ownedBy } from '../../core/visibility.ts'
import { type Dialect, perDialect } from '../../db/database.ts'
import { compile, value, type Write, write } from '../../db/statement.ts'
import type { Task } from './schemas.ts'

/** What a child adds to the counters of its parent. */
export type Share = { readonly count: number; readonly done: number }
type Child = Pick<Task, 'parent_id' | 'status' | 'deleted_at'>

/** A cancelled child is neither done nor to be done. */
export const shareOf = ({ status }: Pick<Task, 'status'>): Share => ({
  count: status === 'cancelled' ? 0 : 1,
  done: status === 'completed' ? 1 : 0,
})

export const countersOf = (dialect: Dialect) => {
  const { childCount, childrenDone } = dialect.t.tasks
  return {
    childCount: sql`${childCount} + ${sql.placeholder('count')}` as never,
    childrenDone: sql`${childrenDone} + ${sql.placeholder('done')}` as never,
  }
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks } = t
  const set = { ...countersOf(dialect), ...countedRevision(dialect) }
  const byId = canWrite(tasks, eq(tasks.id, value(tasks.id, 'parent')))
  const revised = ownedBy(
    tasks.ownerId,
    revisedAt(dialect, 'at'),
    sql`${tasks.parentId} is not null and ${tasks.parentId} <> ${value(tasks.id, 'root')}`,
  )
  // Tables of their own: MySQL reads none that it is about to update.
  const changed = sql`(select ${tasks.parentId} as id, count(*) as n from ${tasks} where ${revised} group by ${tasks.parentId})`
  const parents = ownedAmong(
    tasks.ownerId,
    sql`${tasks.id} in (select id from ${changed} as parents)`,
  )
  // Before the parents get the revision: SQLite looks at `changed` again for each of them.
  const many = (sign: '+' | '-') =>
    compile(
      q
        .update(tasks)
        .set({
          childrenDone: sql`${tasks.childrenDone} ${sql.raw(sign)} (select changed.n from ${changed} as changed where changed.id = ${tasks.id})`,
        } as never)
        .where(parents),
    )
  return {
    shift: compile(q.update(tasks).set(set).where(byId)),
    completed: many('+'),
    reopened: many('-'),
    revise: compile(
      q
        .update(tasks)
        .set(revision(dialect) as never)
        .where(parents),
    ),
  }
})

/** The parents whose counters change, and by how much, where a child becomes another one. */
export const shiftsBetween = (
  before: Child | undefined,
  after: Child | undefined,
): ReadonlyMap<string, Share> => {
  const shifts = new Map<string, Share>()
  const add = (child: Child | undefined, sign: 1 | -1) => {
    if (!child || child.parent_id === null || child.deleted_at !== null) return
    const { count, done } = shareOf(child)
    const present = shifts.get(child.parent_id) ?? { count: 0, done: 0 }
    shifts.set(child.parent_id, {
      count: present.count + sign * count,
      done: present.done + sign * done,
    })
  }
  add(before, -1)
  add(after, 1)
  for (const [parent, { count, done }] of shifts)
    if (count === 0 && done === 0) shifts.delete(parent)
  return shifts
}

type Revision = { readonly rev: string; readonly at: string }

/** Changes the counters of a parent, which gets the revision. */
export const shiftProgress = (
  ctx: Ctx,
  parent: string,
  share: Share,
  { rev, at }: Revision,
): Write =>
  write(statements(ctx.db).shift, {
    actor: actorIdOf(ctx),
    parent,
    ...share,
    rev,
    updatedAt: at,
  })

/**
 * For a batch that has just completed, or reopened, many tasks, all of which it gave the revision
 * `rev`: counts them with their parents, which get that revision as well. Not with `root`, whose
 * row the batch writes by itself.
 */
export const countRevised = (
  ctx: Ctx,
  owner: OwnerId,
  change: 'completed' | 'reopened',
  { root, rev, at }: Revision & { readonly root: string },
): Write[] => {
  const values = { owner, root, rev, at, updatedAt: at }
  return [write(statements(ctx.db)[change], values), write(statements(ctx.db).revise, values)]
}
