// A project as the place of its tasks: whose it is, and the revision of their positions.
import { eq } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Ctx } from '../../core/context.ts'
import {
  accountIdOf,
  actorIdOf,
  type OwnerId,
  ownerColumn,
  readerIdOf,
} from '../../core/parties.ts'
import { ownedBy } from '../../core/visibility.ts'
import { perDatabase, perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { conditionsOf } from './conditions.ts'

/**
 * A project with the revision of its tasks' positions: who makes those of several tasks anew swaps
 * it.
 */
export type Tree = {
  readonly id: string
  readonly ownerId: OwnerId
  readonly treeRev: string
  readonly inbox: boolean
}

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { projects } = t
  const { present, readable, writable, byId } = conditionsOf(dialect)
  const isInbox = eq(projects.inbox, literal(dialect, true))
  const atTreeRev = writable(byId, eq(projects.treeRev, value(projects.treeRev, 'was')))
  const tree = () =>
    q
      .select({
        id: projects.id,
        ownerId: ownerColumn(projects.ownerId),
        treeRev: projects.treeRev,
        inbox: projects.inbox,
      })
      .from(projects)
  return {
    tree: query<Tree>(tree().where(readable(byId))),
    inbox: query<Tree>(tree().where(ownedBy(projects.ownerId, present, isInbox))),
    exists: compile(
      q
        .update(projects)
        .set({ treeRev: projects.treeRev as never })
        .where(writable(byId)),
    ),
    hold: compile(
      q
        .update(projects)
        .set({ treeRev: projects.treeRev as never })
        .where(atTreeRev),
    ),
    swap: compile(
      q
        .update(projects)
        .set(placeholders(['treeRev']))
        .where(atTreeRev),
    ),
  }
})

/** The tree of a project, or without an id of the caller's inbox. */
export const findTree = (ctx: Ctx, id: string | undefined): Promise<Tree | undefined> =>
  id === undefined
    ? findInboxTree(ctx, accountIdOf(ctx))
    : ctx.db.one(statements(ctx.db).tree, { reader: readerIdOf(ctx), id })

/** The tree of an owner's inbox. */
export const findInboxTree = ({ db }: Pick<Ctx, 'db'>, owner: OwnerId): Promise<Tree | undefined> =>
  db.one(statements(db).inbox, { owner })

const MAX_USERS = 10_000
const inboxesOf = perDatabase(
  () => new LRUCache<string, string>({ maxSize: MAX_USERS, sizeCalculation: () => 1 }),
)
/**
 * The id of the caller's inbox, read once: a user has the same one for ever. Undefined where the
 * account is gone.
 */
export const findInbox = async (ctx: Ctx): Promise<string | undefined> => {
  const [inboxes, user] = [inboxesOf(ctx.db), accountIdOf(ctx)]
  const known = inboxes.get(user)
  if (known !== undefined) return known
  const { id } = (await findInboxTree(ctx, user)) ?? {}
  if (id !== undefined) inboxes.set(user, id)
  return id
}

/**
 * Touches no row when the project is gone: for batches that put a task there. It is in the way of
 * no other batch.
 */
export const holdProject = (ctx: Ctx, id: string): Write =>
  write(statements(ctx.db).exists, { actor: actorIdOf(ctx), id })

/**
 * Touches no row when the project is gone, or positions of its tasks were made anew since it was
 * read: for batches that put a task between two others. Many may hold it at the same time.
 */
export const holdTree = (ctx: Ctx, { id, treeRev }: Tree): Write =>
  write(statements(ctx.db).hold, { actor: actorIdOf(ctx), id, was: treeRev })

/**
 * The same, for batches that make positions anew: of those that were read at the same revision one
 * happens.
 */
export const swapTree = (ctx: Ctx, { id, treeRev }: Tree): Write =>
  write(statements(ctx.db).swap, {
    actor: actorIdOf(ctx),
    id,
    was: treeRev,
    treeRev: ctx.ids.next(),
  })
