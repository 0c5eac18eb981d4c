import { asc, eq, gt, gte, or, sql } from 'drizzle-orm'
import { finishBulk, inTurn } from '../../core/bulk.ts'
import { expectNoBulk } from '../../core/bulk-store.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { accountIdOf, ownAccount } from '../../core/parties.ts'
import { lockUser } from '../../core/stored-bytes.ts'
import { commit } from '../../core/unit-of-work.ts'
import { ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { instantOf } from '../../db/instant.ts'
import { compile, query, value, write } from '../../db/statement.ts'
import {
  type Purgeable,
  portionsOf,
  purgeable,
  purgedOccurrences,
  purgedTasks,
} from '../tasks/index.ts'
import { olderThan } from './confirmed-time.ts'
import type { MaintenanceCtx } from './context.ts'
import { forEachUser } from './users.ts'

/** Rows of one user that are looked at together. */
const PAGE = 500
const DAY = 24 * 60 * 60 * 1000

type Trashed = Purgeable & { readonly deletedAt: string | null }
type Spot = { readonly id: string; readonly position: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, projects } = t
  const gone = eq(projects.gone, value(projects.gone, 'gone'))
  /** In the order of the index. */
  const behind = (bound: 'from' | 'to') => {
    const [position, id] = [
      value(projects.position, `${bound}Position`),
      value(projects.id, `${bound}Id`),
    ]
    return sql`${gte(projects.position, position)} and ${or(gt(projects.position, position), gt(projects.id, id))}`
  }
  return {
    trashed: query<Trashed>(
      q
        .select({ ...purgeable(dialect), deletedAt: tasks.deletedAt })
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
    const page: Trashed[] = await inTurn(ctx, () =>
      ctx.db.all(statements(ctx.db).trashed, { owner, trashed: true, after, limit: PAGE }),
    )
    const old = page.filter(({ deletedAt }) => deletedAt !== null && deletedAt < before)
    // Stale: one of them was restored just now, or the lease is lost. The next round, in a day,
    // looks again.
    for (const ids of portionsOf(ctx, old))
      if ((await purgeWhole(ctx, ids, before)) === 'stale') return
    after = page.length < PAGE ? undefined : page.at(-1)?.id
  }
}

/** First what the tasks have done, which may be many rows each. */
const purgeWhole = async (
  ctx: MaintenanceCtx,
  ids: readonly string[],
  before: string,
): Promise<'purged' | 'stale'> => {
  while (await inTurn(ctx, () => purgeSome(ctx, ids, before))) {}
  return inTurn(ctx, () => purge(ctx, ids, before))
}

/** Deletes a batch of what these tasks have done. Answers whether there was some. */
const purgeSome = async (
  ctx: MaintenanceCtx,
  ids: readonly string[],
  before: string,
): Promise<boolean> => {
  const owner = accountIdOf(ctx)
  const writes = await purgedOccurrences(ctx, owner, ids, before)
  if (writes.length === 0) return false
  await ctx.lease.atomic([lockUser(ctx, owner), ...writes])
  return true
}

const purge = async (
  ctx: MaintenanceCtx,
  ids: readonly string[],
  before: string,
): Promise<'purged' | 'stale'> => {
  const { writes, mustTouch, ...told } = await purgedTasks(ctx, accountIdOf(ctx), ids, before)
  return commit(ctx, {
    ...told,
    parties: ownAccount(ctx),
    writes: [...writes, expectNoBulk(ctx, accountIdOf(ctx)), ctx.lease.held()],
    mustTouch: [...mustTouch, writes.length, writes.length + 1],
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
