import { eq, sql } from 'drizzle-orm'
import type { AnyMySqlColumn, AnyMySqlTable } from 'drizzle-orm/mysql-core'
import { type Dialect, perDialect } from '../db/database.ts'
import { insertOrReplace, typed } from '../db/portable.ts'
import { compile, placeholders, type Statement, value, type Write, write } from '../db/statement.ts'
import { type Ctx, now } from './context.ts'

/** The kinds of thing that the change log tells of. */
export type Entity = 'task' | 'project' | 'label'

type Entry = { reader: string; entityId: string; entity: Entity; gone: boolean; changedAt: string }

const keep = ({ t: { changes } }: Dialect) =>
  [[changes.readerId, changes.entityId], { seq: changes.seq, gone: changes.gone, changedAt: changes.changedAt }] as const

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, users } = t
  const seq = sql`(select ${users.seq} from ${users} where ${users.id} = ${value(users.id, 'reader')})`
  const entry = q.insert(changes).values({
    readerId: sql.placeholder('reader'),
    ...placeholders<object>(['entityId', 'entity', 'gone', 'changedAt']),
    seq,
  } as never)
  return { entry: compile<Entry>(insertOrReplace(dialect, entry, ...keep(dialect))) }
})

/** The change-log entry of one thing that the caller has changed or (`gone`) deleted. Goes into the batch of the change. */
export const logChange = (ctx: Ctx, entity: Entity, entityId: string, { gone = false } = {}): Write =>
  write(statements(ctx.db).entry, { reader: ctx.actor.userId, entityId, entity, gone, changedAt: now(ctx) })

export type BulkEntry = { reader: string; rev: string; changedAt: string }

/**
 * The change-log entries of every row of `table` that this batch has given the revision `rev`. `within` narrows the rows
 * to those that an index finds; its placeholders are the caller's.
 */
export const logRevised = <V extends object>(
  dialect: Dialect,
  entity: Entity,
  table: AnyMySqlTable & { id: AnyMySqlColumn; ownerId: AnyMySqlColumn; rev: AnyMySqlColumn },
  within: ReturnType<typeof sql>,
): Statement<BulkEntry & V> => {
  const { q, t } = dialect
  const { changes, users } = t
  const revised = q
    .select({
      readerId: users.id,
      entityId: table.id,
      entity: sql.raw(`'${entity}'`).as('entity'),
      seq: users.seq,
      gone: sql.raw(dialect.name === 'postgres' ? 'false' : '0').as('gone'),
      changedAt: typed(dialect, value(changes.changedAt, 'changedAt'), changes.changedAt).as('changed_at'),
    } as never)
    .from(users)
    .innerJoin(table, eq(table.ownerId, users.id))
    .where(sql`${users.id} = ${value(users.id, 'reader')} and ${table.rev} = ${value(table.rev, 'rev')} and ${within}`)
  return compile(insertOrReplace(dialect, q.insert(changes).select(revised as never), ...keep(dialect)))
}
