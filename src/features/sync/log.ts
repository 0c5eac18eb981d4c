import { asc, eq, gt, or, type SQL, sql } from 'drizzle-orm'
import { type Entity, type LogEntry, logWindow } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { ofAccount } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { literal } from '../../db/portable.ts'
import { query, value } from '../../db/statement.ts'
import type { Place } from './token.ts'

/** An entry of the log: one thing, and whether it is gone. */
export type Entry = LogEntry & { readonly entity: Entity; readonly gone: boolean }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes } = t
  const { behind, upTo } = logWindow(dialect)
  const page = (further?: SQL) =>
    query<Entry>(
      q
        .select({
          seq: changes.seq,
          id: changes.entityId,
          entity: sql<Entity>`${changes.entity}`.as('entity'),
          gone: changes.gone,
        })
        .from(changes)
        .where(ofAccount(changes.readerId, behind, upTo, further))
        .orderBy(asc(changes.seq), asc(changes.entityId))
        .limit(sql.placeholder('limit')),
    )
  const isThere = eq(changes.gone, literal(dialect, false))
  return {
    all: page(),
    toBegin: page(or(isThere, gt(changes.seq, value(changes.seq, 'from')))),
  }
})

/** Entries of the caller's log behind a place, up to the number `upTo`. */
export const entriesBehind = (
  ctx: Ctx,
  { seq, id, from }: Place,
  { upTo, limit }: { readonly upTo: number; readonly limit: number },
): Promise<Entry[]> => {
  const { all, toBegin } = statements(ctx.db)
  const values = { reader: readerIdOf(ctx), seq, id, upTo, limit }
  return from === undefined ? ctx.db.all(all, values) : ctx.db.all(toBegin, { ...values, from })
}
