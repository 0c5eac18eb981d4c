import { and, asc, eq, gt, gte, lt, or, sql } from 'drizzle-orm'
import { finishBulk, inTurn } from '../../core/bulk.ts'
import { expectNoBulk } from '../../core/bulk-store.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { accountIdOf, ownAccount } from '../../core/parties.ts'
import { countRows, taskBytes } from '../../core/stored-bytes.ts'
import { commit } from '../../core/unit-of-work.ts'
import { ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import {
  compile,
  fillList,
  listOf,
  perSlots,
  query,
  slotsFor,
  value,
  write,
} from '../../db/statement.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { purgeOccurrences } from './trashed-occurrences.ts'
import { forEachUser } from './users.ts'

/** Tasks of one user that one batch deletes: D1 takes 100 values a statement. */
const TASKS = 64
/** Rows of one user that are looked at together. */
const PAGE = 500
const DAY = 24 * 60 * 60 * 1000

type Spot = { readonly id: string; readonly position: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, projects } = t
  const old = and(
    eq(tasks.trashed, value(tasks.trashed, 'trashed')),
    lt(tasks.deletedAt, value(tasks.deletedAt, 'before')),
  )
  const gone = eq(projects.gone, value(projects.gone, 'gone'))
  /** In the order of the index. */
  const behind = (bound: 'from' | 'to') => {
    const [position, id] = [
      value(projects.position, `${bound}Position`),
      value(projects.id, `${bound}Id`),
    ]
    return sql`${gte(projects.position, position)} and ${or(gt(projects.position, position), gt(projects.id, id))}`
  }
  const byId = eq(tasks.id, value(tasks.id, 'id'))
  const listed = (slots: number) =>
    ownedAmong(tasks.ownerId, sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`)
  return {
    trashed: query<{ id: string; deletedAt: string | null }>(
      q
        .select({ id: tasks.id, deletedAt: tasks.deletedAt })
        .from(tasks)
        .where(
          ownedBy(
            tasks.ownerId,
            eq(tasks.trashed, value(tasks.trashed, 'trashed')),
            gt(tasks.id, value(tasks.id, 'after')),
          ),
        )
        .orderBy(asc(tasks.id))
        .limit(sql.placeholder('limit')),
    ),
    uncount: perSlots((slots) =>
      countRows(dialect, '-', taskBytes(dialect), { table: tasks, where: listed(slots) }),
    ),
    remove: compile(q.delete(tasks).where(ownedBy(tasks.ownerId, byId, old))),
    goneProjects: query<Spot>(
      q
        .select({ id: projects.id, position: projects.position })
        .from(projects)
        .where(ownedBy(projects.ownerId, gone, behind('from')))
        .orderBy(asc(projects.position), asc(projects.id))
        .limit(sql.placeholder('limit')),
    ),
    dropProjects: compile(
      q
        .delete(projects)
        .where(
          ownedBy(
            projects.ownerId,
            gone,
            behind('from'),
            sql`not (${behind('to')})`,
            sql`not exists (select 1 from ${tasks} where ${tasks.projectId} = ${projects.id})`,
          ),
        ),
    ),
  }
})

/**
 * Deletes for good what has been in the trash for `days` (0: nothing), user by user, with
 * tombstones in the change log; then the rows of deleted projects that no task names any more. A
 * task that is restored meanwhile stays, and one user's failure is logged and keeps no other
 * waiting.
 */
export const emptyTrash = async (ctx: MaintenanceCtx, days: number): Promise<void> => {
  const before = instantOf(olderThan(ctx.observed, days * DAY))
  await forEachUser(ctx, {
    act: async (of) => {
      if (days > 0) await emptyTrashOf(of, before)
      await dropGoneProjects(of)
    },
    failure: 'the trash of a user could not be emptied',
  })
}

const emptyTrashOf = async (ctx: MaintenanceCtx, before: string): Promise<void> => {
  const owner = accountIdOf(ctx)
  // What is being restored in chunks must not be deleted in between.
  await finishBulk(ctx, owner)
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const page: { id: string; deletedAt: string | null }[] = await inTurn(ctx, () =>
      ctx.db.all(statements(ctx.db).trashed, { owner, trashed: true, after, limit: PAGE }),
    )
    const old = page
      .filter(({ deletedAt }) => deletedAt !== null && deletedAt < before)
      .map(({ id }) => id)
    for (let i = 0; i < old.length; i += TASKS)
      // Stale: one of them was restored just now, or the lease is lost. The next round, in a day,
      // looks again.
      if ((await purgeWhole(ctx, old.slice(i, i + TASKS), before)) === 'stale') return
    after = page.length < PAGE ? undefined : page.at(-1)?.id
  }
}

/** First what the tasks have done, which may be many rows each. */
const purgeWhole = async (
  ctx: MaintenanceCtx,
  ids: readonly string[],
  before: string,
): Promise<'purged' | 'stale'> => {
  let some = 'some'
  while (some === 'some') some = await inTurn(ctx, () => purgeOccurrences(ctx, ids, before))
  return inTurn(ctx, () => purge(ctx, ids, before))
}

const purge = (
  ctx: MaintenanceCtx,
  ids: readonly string[],
  before: string,
): Promise<'purged' | 'stale'> => {
  const owner = accountIdOf(ctx)
  const common = { owner, trashed: true, before }
  const removals = ids.map((id) => write(statements(ctx.db).remove, { ...common, id }))
  const uncount = write(statements(ctx.db).uncount(slotsFor(ids.length)), {
    owner,
    ...fillList('task', ids),
  })
  const writes = [expectNoBulk(ctx, owner), uncount, ...removals]
  return commit(ctx, {
    parties: ownAccount(ctx),
    writes: [...writes, ctx.lease.held()],
    changes: ids.map((id) => ({ entity: 'task', id, gone: true })),
    mustTouch: [0, ...removals.map((_, i) => i + 2), writes.length],
    grows: { tasks: -ids.length },
    result: 'purged' as const,
  })
}

const dropGoneProjects = async (ctx: MaintenanceCtx): Promise<void> => {
  const { goneProjects, dropProjects } = statements(ctx.db)
  const owner = accountIdOf(ctx)
  for (let from: Spot | undefined = { position: '', id: FIRST_ID }; from !== undefined; ) {
    const values = { owner, gone: true, fromPosition: from.position, fromId: from.id }
    const page: Spot[] = await inTurn(ctx, () =>
      ctx.db.all(goneProjects, { ...values, limit: PAGE }),
    )
    const to = page.at(-1)
    if (!to) return
    const range = { ...values, toPosition: to.position, toId: to.id }
    await inTurn(ctx, () => ctx.lease.atomic([write(dropProjects, range)]))
    from = page.length < PAGE ? undefined : to
  }
}
