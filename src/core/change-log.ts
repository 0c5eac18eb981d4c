import { eq, type SQL, sql } from 'drizzle-orm'
import { type Dialect, perDialect } from '../db/database.ts'
import { insertOrReplace, typed } from '../db/portable.ts'
import { compile, placeholders, value, type Write, write } from '../db/statement.ts'
import { type Ctx, now } from './context.ts'

/** The kinds of thing that the change log tells of. */
export type Entity = 'task' | 'project' | 'label'

type Entry = { reader: string; entityId: string; entity: Entity; gone: boolean; changedAt: string }

const keep = ({ t: { changes } }: Dialect) =>
  [
    [changes.readerId, changes.entityId],
    { seq: changes.seq, gone: changes.gone, changedAt: changes.changedAt },
  ] as const

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

/**
 * The change-log entry of one thing that the caller has changed or (`gone`) deleted. Goes into the
 * batch of the change.
 */
export const logChange = (
  ctx: Ctx,
  entity: Entity,
  entityId: string,
  { gone = false } = {},
): Write =>
  write(statements(ctx.db).entry, {
    reader: ctx.actor.userId,
    entityId,
    entity,
    gone,
    changedAt: now(ctx),
  })

type Revised = { reader: string; rev: string; changedAt: string }

const revisedTasks = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, tasks, users } = t
  const [yes, no] = dialect.name === 'postgres' ? ['true', 'false'] : ['1', '0']
  const revised = q
    .select({
      readerId: users.id,
      entityId: tasks.id,
      entity: sql.raw("'task'").as('entity'),
      seq: users.seq,
      gone: sql.raw(no).as('gone'),
      changedAt: typed(dialect, value(changes.changedAt, 'changedAt'), changes.changedAt).as(
        'changed_at',
      ),
    } as never)
    .from(users)
    .innerJoin(tasks, eq(tasks.ownerId, users.id))
    .where(
      sql`${users.id} = ${value(users.id, 'reader')} and ${revisedAt(tasks, sql.raw(`(${no}, ${yes})`))}`,
    )
  return compile<Revised>(
    insertOrReplace(dialect, q.insert(changes).select(revised as never), ...keep(dialect)),
  )
})

/** Found by the index of `updated_at`, which leads to few others: those of the same millisecond. */
const revisedAt = ({ trashed, updatedAt, rev }: Dialect['t']['tasks'], both: SQL): SQL =>
  sql`${trashed} in ${both} and ${updatedAt} = ${value(updatedAt, 'changedAt')} and ${rev} = ${value(rev, 'rev')}`

/**
 * The change-log entries of all tasks to which this batch has given the revision `rev`, with `at`
 * as their `updated_at`.
 */
export const logRevised = (ctx: Ctx, rev: string, at: string): Write =>
  write(revisedTasks(ctx.db), { reader: ctx.actor.userId, rev, changedAt: at })
