import { asc, eq, gt, gte, or, type SQL, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { chunkRows } from '../../core/bulk.ts'
import type { Told } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import {
  accountIdOf,
  actorIdOf,
  type OwnerId,
  ownerColumn,
  type Parties,
  partiesOf,
  readerIdOf,
} from '../../core/parties.ts'
import { lengthened, utf8Length } from '../../core/stored-bytes.ts'
import { canRead, canReadAmong, canWrite, canWriteAmong, ownedBy } from '../../core/visibility.ts'
import { perDatabase, perDialect } from '../../db/database.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  placeholders,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import type { Project, ProjectPatch } from './schemas.ts'

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

/** A project to be changed, and whose it is. */
export type OwnedProject = { readonly project: Project; readonly parties: Parties }

/** The column of each field that a PATCH changes. */
const patchColumns = {
  name: 'name',
  color: 'color',
  archived: 'archived',
  position: 'position',
} as const satisfies Record<keyof ProjectPatch, keyof Project>

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { projects, tasks } = t
  const shape = {
    id: projects.id,
    name: projects.name,
    color: projects.color,
    archived: projects.archived,
    position: projects.position,
    inbox: projects.inbox,
    created_at: projects.createdAt,
    updated_at: projects.updatedAt,
    rev: projects.rev,
  }
  const self = { ownerId: projects.ownerId, projectId: projects.id }
  const present = eq(projects.gone, sql.raw(dialect.name === 'postgres' ? 'false' : '0'))
  const isInbox = eq(projects.inbox, sql.raw(dialect.name === 'postgres' ? 'true' : '1'))
  const readable = (...further: (SQL | undefined)[]) => canRead(self, present, ...further)
  const writable = (...further: (SQL | undefined)[]) => canWrite(self, present, ...further)
  const select = () => q.select(shape).from(projects)
  const tree = () =>
    q
      .select({
        id: projects.id,
        ownerId: ownerColumn(projects.ownerId),
        treeRev: projects.treeRev,
        inbox: projects.inbox,
      })
      .from(projects)
  const page = (seek?: SQL) =>
    query<Project>(
      select()
        .where(readable(seek))
        .orderBy(asc(projects.position), asc(projects.id))
        .limit(sql.placeholder('limit')),
    )
  const position = value(projects.position, 'key')
  const byId = eq(projects.id, value(projects.id, 'id'))
  const atRev = writable(byId, eq(projects.rev, value(projects.rev, 'was')))
  const atTreeRev = writable(byId, eq(projects.treeRev, value(projects.treeRev, 'was')))
  const live = sql`${tasks.projectId} = ${value(tasks.projectId, 'project')} and ${tasks.trashed} = ${value(tasks.trashed, 'wasTrashed')}`
  return {
    byId: query<Project>(select().where(readable(byId))),
    toChange: query<Project & Pick<Tree, 'ownerId'>>(
      q
        .select({ ...shape, ownerId: ownerColumn(projects.ownerId) })
        .from(projects)
        .where(readable(byId)),
    ),
    among: perSlots((slots) =>
      query<{ id: string }>(
        q
          .select({ id: projects.id })
          .from(projects)
          .where(readable(sql`${projects.id} in ${listOf(projects.id, 'id', slots)}`)),
      ),
    ),
    tree: query<Tree>(tree().where(readable(byId))),
    inbox: query<Tree>(tree().where(ownedBy(projects.ownerId, present, isInbox))),
    first: page(),
    after: page(
      sql`${gte(projects.position, position)} and ${or(gt(projects.position, position), gt(projects.id, value(projects.id, 'id')))}`,
    ),
    insert: compile(q.insert(projects).values(everyColumn(projects))),
    update: compile(
      q
        .update(projects)
        .set(placeholders([...Object.values(patchColumns), 'rev', 'updatedAt']))
        .where(atRev),
    ),
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
    remove: compile(
      q
        .update(projects)
        .set(placeholders(['name', 'gone', 'treeRev', 'rev', 'updatedAt']))
        .where(atRev),
    ),
    nthLive: query<{ id: string }>(
      q
        .select({ id: tasks.id })
        .from(tasks)
        .where(canReadAmong(tasks, live))
        .limit(sql.raw('1') as never)
        .offset(sql.placeholder('offset')),
    ),
    trash: compile(
      q
        .update(tasks)
        .set(placeholders(['trashed', 'deletedAt', 'rev', 'updatedAt']))
        // Wrapped, because MySQL takes no LIMIT in an IN.
        .where(
          canWriteAmong(
            tasks,
            sql`${tasks.id} in (select id from (select ${tasks.id} from ${tasks} where ${live} limit ${sql.placeholder('limit')}) as chunk)`,
          ),
        ),
    ),
  }
})

export const findProject = (ctx: Ctx, id: string): Promise<Project | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

export const findProjectToChange = async (
  ctx: Ctx,
  id: string,
): Promise<OwnedProject | undefined> => {
  const found = await ctx.db.one(statements(ctx.db).toChange, { reader: readerIdOf(ctx), id })
  if (!found) return undefined
  const { ownerId, ...project } = found
  return { project, parties: partiesOf(ownerId) }
}

/** How many of these projects, each named once, there are. */
export const countProjects = async (ctx: Ctx, ids: readonly string[]): Promise<number> => {
  const values = { reader: readerIdOf(ctx), ...fillList('id', ids) }
  return (await ctx.db.all(statements(ctx.db).among(slotsFor(ids.length)), values)).length
}

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

/** Projects by position, from behind `place`. */
export const pageOfProjects = (
  ctx: Ctx,
  limit: number,
  place: Place | undefined,
): Promise<Project[]> => {
  const { first, after } = statements(ctx.db)
  return ctx.db.all(place ? after : first, { reader: readerIdOf(ctx), limit, ...place })
}

export const insertProject = (
  ctx: Ctx,
  ownerId: OwnerId,
  { created_at, updated_at, ...project }: Project,
): Write =>
  write(
    statements(ctx.db).insert,
    {
      ...project,
      ownerId,
      treeRev: project.rev,
      gone: false,
      createdAt: created_at,
      updatedAt: updated_at,
    },
    utf8Length(project.name),
  )

/** Touches no row when the project is no longer at the revision of `before`. */
export const updateProjectRow = (
  ctx: Ctx,
  before: Project,
  { updated_at, ...project }: Project,
): Write =>
  write(
    statements(ctx.db).update,
    { ...project, actor: actorIdOf(ctx), was: before.rev, updatedAt: updated_at },
    lengthened(before.name, project.name),
  )

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

/**
 * Deletes the project; its row stays for the tasks that name it, without its name. Touches no row
 * when it is no longer at its revision.
 */
export const removeProjectRow = (ctx: Ctx, { id, name, rev: was }: Project, at: string): Write => {
  const rev = ctx.ids.next()
  const values = {
    actor: actorIdOf(ctx),
    id,
    was,
    name: '',
    gone: true,
    treeRev: rev,
    rev,
    updatedAt: at,
  }
  return write(statements(ctx.db).remove, values, -utf8Length(name))
}

/** Has the project more live tasks than one batch may change? */
export const hasMany = async (ctx: Ctx, project: string): Promise<boolean> => {
  const values = { reader: readerIdOf(ctx), project, wasTrashed: false, offset: chunkRows(ctx) }
  return (await ctx.db.one(statements(ctx.db).nthLive, values)) !== undefined
}

/**
 * Puts at most `limit` of the project's tasks into the trash, as deleted at `deletedAt`. Without a
 * limit all of them, also those that are made at this moment.
 */
export const trashTasks = (ctx: Ctx, project: string, deletedAt: string, limit = ALL): Told => {
  const [actor, rev, at] = [actorIdOf(ctx), ctx.ids.next(), now(ctx)]
  const set = { trashed: true, deletedAt, rev, updatedAt: at }
  return {
    writes: [write(statements(ctx.db).trash, { ...set, actor, project, wasTrashed: false, limit })],
    changes: [{ rev, at }],
  }
}
const ALL = 1_000_000_000
