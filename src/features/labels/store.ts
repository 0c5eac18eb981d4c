import { asc, eq, gt, ne, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import type { Place } from '../../core/paging.ts'
import type { OwnerId } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { lengthened, utf8Length } from '../../core/stored-bytes.ts'
import { ownedBy } from '../../core/visibility.ts'
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
import { NO_NAME, shapeOf } from './row.ts'
import type { Label, LabelPatch } from './schemas.ts'

/** The column of each field that a PATCH changes. */
const patchColumns = { name: 'name', color: 'color' } as const satisfies Record<
  keyof LabelPatch,
  keyof Label
>

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { labels } = t
  const shape = shapeOf(dialect)
  const select = () => q.select(shape).from(labels)
  const page = (...seek: (SQL | undefined)[]) =>
    query<Label>(
      select()
        .where(ownedBy(labels.ownerId, ...seek))
        .orderBy(asc(labels.name))
        .limit(sql.placeholder('limit')),
    )
  const atRev = ownedBy(
    labels.ownerId,
    eq(labels.id, value(labels.id, 'id')),
    eq(labels.rev, value(labels.rev, 'was')),
  )
  return {
    byId: query<Label>(
      select().where(
        ownedBy(labels.ownerId, eq(labels.id, value(labels.id, 'id')), ne(labels.name, NO_NAME)),
      ),
    ),
    first: page(ne(labels.name, NO_NAME)),
    after: page(gt(labels.name, value(labels.name, 'key'))),
    named: perSlots((slots) =>
      query<Pick<Label, 'name'>>(
        q
          .select({ name: labels.name })
          .from(labels)
          .where(
            ownedBy(labels.ownerId, sql`${labels.name} in ${listOf(labels.name, 'name', slots)}`),
          ),
      ),
    ),
    byName: query<Label>(
      select().where(ownedBy(labels.ownerId, eq(labels.name, value(labels.name, 'name')))),
    ),
    insert: compile(q.insert(labels).values(everyColumn(labels))),
    update: compile(
      q
        .update(labels)
        .set(placeholders([...Object.values(patchColumns), 'rev', 'updatedAt']))
        .where(atRev),
    ),
    remove: compile(q.delete(labels).where(atRev)),
  }
})

export const findLabel = (ctx: Ctx, owner: OwnerId, id: string): Promise<Label | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { owner, id })

export const findNamed = (ctx: Ctx, owner: OwnerId, name: string): Promise<Label | undefined> =>
  ctx.db.one(statements(ctx.db).byName, { owner, name })

/** Labels by name, from behind `place`. */
export const pageOfLabels = (
  ctx: Ctx,
  owner: OwnerId,
  limit: number,
  place: Place | undefined,
): Promise<Label[]> => {
  const { first, after } = statements(ctx.db)
  return ctx.db.all(place ? after : first, { owner, limit, ...place })
}

/** Those of the names that labels of the owner have. */
export const existingNames = async (
  ctx: Ctx,
  owner: OwnerId,
  names: readonly string[],
): Promise<Set<string>> => {
  const existing = new Set<string>()
  for (const some of slices(names, LISTED)) {
    const named = statements(ctx.db).named(slotsFor(some.length))
    const found = await ctx.db.all(named, { owner, ...fillList('name', some) })
    for (const { name } of found) existing.add(name)
  }
  return existing
}

/** `madeOf` where a client made its id. */
export const insertLabel = (
  ctx: Ctx,
  ownerId: OwnerId,
  { id, name, color, created_at, updated_at, rev }: Label,
  madeOf: string | null = null,
): Write => {
  const row = {
    id,
    ownerId,
    name,
    color,
    rev,
    madeOf,
    createdAt: created_at,
    updatedAt: updated_at,
  }
  return write(statements(ctx.db).insert, row, utf8Length(name))
}

/** Touches no row when the label is no longer at the revision of `before`. */
export const updateLabelRow = (
  ctx: Ctx,
  owner: OwnerId,
  before: Label,
  { updated_at, ...label }: Label,
): Write =>
  write(
    statements(ctx.db).update,
    { ...label, owner, was: before.rev, updatedAt: updated_at },
    lengthened(before.name, label.name),
  )

/** Touches no row when the label is no longer at its revision. */
export const removeLabelRow = (ctx: Ctx, owner: OwnerId, { id, name, rev }: Label): Write =>
  write(statements(ctx.db).remove, { owner, id, was: rev }, -utf8Length(name))
