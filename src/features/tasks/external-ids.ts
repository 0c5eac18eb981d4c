// What other systems call a task: one of an owner and a project has each `external_id` at most, those
// in the trash included. Guards in the batch see to it, which has the owner's lock by then.
import { eq, ne, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { readLong } from '../../core/long-work.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { canRead, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
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
import type { Task } from './schemas.ts'
import { down } from './subtree.ts'

/** A task that has one of some external ids, in the trash or not. */
export type Known = {
  readonly id: string
  readonly projectId: string
  readonly trashed: boolean
  readonly externalId: string
}

type Taken = { readonly id: string; readonly externalId: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { tasks, users } = t
  const inProject = eq(tasks.projectId, value(tasks.projectId, 'project'))
  const same = ownedBy(
    tasks.ownerId,
    eq(tasks.externalId, value(tasks.externalId, 'externalId')),
    inProject,
    ne(tasks.id, value(tasks.id, 'task')),
  )
  const below = sql`select moved.external_id from ${tasks} as moved inner join ${down(dialect)} as below on below.id = moved.id where below.level > 1 and moved.external_id is not null`
  const sameBelow = ownedBy(
    tasks.ownerId,
    inProject,
    sql`${tasks.externalId} is not null and ${tasks.externalId} in (${below})`,
  )
  const find = (which: typeof same) =>
    query<Taken>(
      q
        .select({ id: tasks.id, externalId: tasks.externalId })
        .from(tasks)
        .where(which)
        .limit(sql.raw('1') as never) as never,
    )
  const expectNone = (which: typeof same) =>
    compile(
      q
        .update(users)
        .set({ seq: users.seq as never })
        .where(
          sql`${users.id} = ${value(users.id, 'owner')} and not exists (select 1 from ${tasks} where ${which})`,
        ),
    )
  return {
    known: perSlots((slots) =>
      query<Known>(
        q
          .select({
            id: tasks.id,
            projectId: tasks.projectId,
            trashed: tasks.trashed,
            externalId: tasks.externalId,
          })
          .from(tasks)
          .where(
            canRead(tasks, sql`${tasks.externalId} in ${listOf(tasks.externalId, 'x', slots)}`),
          ) as never,
      ),
    ),
    same: find(same),
    sameBelow: find(sameBelow),
    expectFree: expectNone(same),
    expectFreeBelow: expectNone(sameBelow),
  }
})

type Named = Pick<Task, 'id' | 'project_id' | 'external_id'>

const taken = ({ id, externalId }: Taken): DomainError => {
  const detail = `The task ${id} of this project has the external_id ${externalId}. It may be in the trash.`
  return new DomainError('external_id_taken', detail, [
    { at: ['external_id'], code: 'taken', detail },
  ])
}

/**
 * The guard of a task that gets its `external_id` or its project; none where it has no such id.
 * Throws `external_id_taken`.
 */
export const claimExternalId = async (
  ctx: Ctx,
  owner: OwnerId,
  { id, project_id, external_id }: Named,
): Promise<Write[]> => {
  if (external_id === null) return []
  const values = { owner, externalId: external_id, project: project_id, task: id }
  const found = await ctx.db.one(statements(ctx.db).same, values)
  if (found) throw taken(found)
  return [write(statements(ctx.db).expectFree, values)]
}

/** The tasks of the caller, of any project, that have one of these external ids. */
export const findKnown = async (ctx: Ctx, externalIds: readonly string[]): Promise<Known[]> => {
  const found: Known[] = []
  for (const some of slices([...new Set(externalIds)], LISTED)) {
    const values = { reader: readerIdOf(ctx), ...fillList('x', some) }
    found.push(...(await ctx.db.all(statements(ctx.db).known(slotsFor(some.length)), values)))
  }
  return found
}

/** Touches no row where another task of the project has the external id. */
export const expectFree = (
  ctx: Ctx,
  owner: OwnerId,
  { id, project_id, external_id }: Named,
): Write =>
  write(statements(ctx.db).expectFree, {
    owner,
    externalId: external_id,
    project: project_id,
    task: id,
  })

/**
 * The same for what is below `root` and follows it to a project. Without a guard where that is
 * `large`: its chunks come later, and another task may get the same id meanwhile.
 */
export const claimExternalIdsBelow = async (
  ctx: Ctx,
  owner: OwnerId,
  { id: root, project_id: project }: Pick<Task, 'id' | 'project_id'>,
  { large }: { readonly large: boolean },
): Promise<Write[]> => {
  const { sameBelow, expectFreeBelow } = statements(ctx.db)
  const values = { reader: readerIdOf(ctx), owner, root, project }
  const { rows } = await readLong(ctx, sameBelow, values, { short: !large })
  if (rows[0]) throw taken(rows[0])
  return large ? [] : [write(expectFreeBelow, values)]
}
