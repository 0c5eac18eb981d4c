import { asc, eq, gt, gte, or, type SQL, sql } from 'drizzle-orm'
import { type Ctx, nowAfter } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import {
  actorIdOf,
  type OwnerId,
  ownerColumn,
  type Parties,
  partiesOf,
  readerIdOf,
} from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { lengthened, utf8Length } from '../../core/stored-bytes.ts'
import { perDialect } from '../../db/database.ts'
import {
  compile,
  everyColumn,
  fillList,
  LISTED,
  listOf,
  perSlots,
  placeholders,
  query,
  slotsFor,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { conditionsOf } from './conditions.ts'
import { shapeOf } from './row.ts'
import type { Project, ProjectPatch } from './schemas.ts'

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
  const { projects } = t
  const shape = shapeOf(dialect)
  const { readable, writable, byId } = conditionsOf(dialect)
  const select = () => q.select(shape).from(projects)
  const page = (seek?: SQL) =>
    query<Project>(
      select()
        .where(readable(seek))
        .orderBy(asc(projects.position), asc(projects.id))
        .limit(sql.placeholder('limit')),
    )
  const position = value(projects.position, 'key')
  const atRev = writable(byId, eq(projects.rev, value(projects.rev, 'was')))
  return {
    byId: query<Project>(select().where(readable(byId))),
    toChange: query<Project & { readonly ownerId: OwnerId }>(
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
    taken: perSlots((slots) =>
      query<{ id: string }>(
        q
          .select({ id: projects.id })
          .from(projects)
          .where(sql`${projects.id} in ${listOf(projects.id, 'id', slots)}`),
      ),
    ),
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
    remove: compile(
      q
        .update(projects)
        .set(placeholders(['name', 'gone', 'treeRev', 'rev', 'updatedAt']))
        .where(atRev),
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

/** Those of these ids that any project has, also one of another user, or one that is deleted. */
export const takenProjectIds = async (ctx: Ctx, ids: readonly string[]): Promise<Set<string>> => {
  const taken = new Set<string>()
  for (const some of slices(ids, LISTED)) {
    const statement = statements(ctx.db).taken(slotsFor(some.length))
    for (const { id } of await ctx.db.all(statement, fillList('id', some))) taken.add(id)
  }
  return taken
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

/** `madeOf` where a client made its id. */
export const insertProject = (
  ctx: Ctx,
  ownerId: OwnerId,
  { created_at, updated_at, ...project }: Project,
  madeOf: string | null = null,
): Write =>
  write(
    statements(ctx.db).insert,
    {
      ...project,
      ownerId,
      treeRev: project.rev,
      gone: false,
      madeOf,
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
 * Deletes the project; its row stays for the tasks that name it, without its name. Touches no row
 * when it is no longer at its revision.
 */
export const removeProjectRow = (ctx: Ctx, { id, name, rev: was, updated_at }: Project): Write => {
  const rev = ctx.ids.next()
  const values = {
    actor: actorIdOf(ctx),
    id,
    was,
    name: '',
    gone: true,
    treeRev: rev,
    rev,
    updatedAt: nowAfter(ctx, updated_at),
  }
  return write(statements(ctx.db).remove, values, -utf8Length(name))
}
