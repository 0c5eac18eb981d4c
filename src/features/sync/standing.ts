import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { accountGone } from '../../core/errors.ts'
import { readerIdOf } from '../../core/parties.ts'
import { slices } from '../../core/slices.ts'
import { fixGeneration, GENERATION } from '../../core/sync-generation.ts'
import { perDialect } from '../../db/database.ts'
import { fillList, LISTED, listOf, perSlots, query, slotsFor, value } from '../../db/statement.ts'

/** Where the change log of a user stands. */
export type Standing = {
  readonly userId: string
  /** Another one after a backup was restored, because numbers come a second time then. */
  readonly generation: string
  readonly seq: number
  /** The greatest number of a tombstone that is forgotten. */
  readonly logFloor: number
}

type Row = Omit<Standing, 'generation'> & { readonly generation: string | null }

const statements = perDialect(({ q, t: { users, settings } }) => ({
  standing: query<Row>(
    q
      .select({
        userId: users.id,
        generation: settings.value,
        seq: users.seq,
        logFloor: users.logFloor,
      })
      .from(users)
      .leftJoin(settings, eq(settings.name, value(settings.name, 'name')))
      .where(and(eq(users.id, value(users.id, 'id')), isNull(users.deletedAt))),
  ),
  seqs: perSlots((slots) =>
    query<{ id: string; seq: number }>(
      q
        .select({ id: users.id, seq: users.seq })
        .from(users)
        .where(sql`${users.id} in ${listOf(users.id, 'id', slots)}`),
    ),
  ),
}))

/** Throws `unauthenticated` where the account is gone. */
export const standingOf = async (ctx: Pick<Ctx, 'actor' | 'db' | 'ids'>): Promise<Standing> => {
  const found = await ctx.db.one(statements(ctx.db).standing, {
    id: readerIdOf(ctx),
    name: GENERATION,
  })
  if (!found) throw accountGone()
  const { generation } = found
  if (generation !== null) return { ...found, generation }
  return { ...found, generation: await fixGeneration(ctx.db, () => ctx.ids.next()) }
}

/** Where the logs of these users are. */
export const seqsOf = async ({ db }: Pick<Ctx, 'db'>, ids: readonly string[]) => {
  const found: { readonly id: string; readonly seq: number }[] = []
  for (const some of slices(ids, LISTED)) {
    const seqs = statements(db).seqs(slotsFor(some.length))
    found.push(...(await db.all(seqs, fillList('id', some))))
  }
  return found
}
