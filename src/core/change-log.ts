import { and, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { type Dialect, perDialect } from '../db/database.ts'
import { insertOrReplace, laterInstant, latestInstant, literal, typed } from '../db/portable.ts'
import { compile, placeholders, value, type Write, write } from '../db/statement.ts'
import { type Ctx, now } from './context.ts'
import type { Happening, ManyHappened } from './event-types.ts'
import { isSameUser, type OwnerId, type Parties, type ReaderId, readerIdOf } from './parties.ts'
import { ownedBy } from './visibility.ts'

/** The kinds of thing that the change log tells of. */
export const entities = ['task', 'project', 'label', 'comment', 'reminder', 'user'] as const
export type Entity = (typeof entities)[number]

/**
 * What readers are told of a change: that one thing has changed or is `gone`, or that all tasks
 * have which the batch gave the revision `rev`, with `at` as their `updated_at`, or later. `event` is
 * what the record of what happened says of it (`core/events.ts`); null for what only follows from
 * another change, such as the progress of a parent, and for what is recorded otherwise.
 */
export type Change =
  | {
      readonly entity: Entity
      readonly id: string
      readonly gone?: boolean
      readonly event: Happening | null
    }
  | Revised
type Revised = {
  readonly rev: string
  readonly at: string
  readonly event: ManyHappened | null
}

/** Writes that belong together, and what readers are told of them. */
export type Told = { readonly writes: readonly Write[]; readonly changes: readonly Change[] }

type Entry = {
  reader: ReaderId
  entityId: string
  entity: Entity
  gone: boolean
  changedAt: string
}

const keep = ({ t: { changes } }: Dialect) =>
  [
    [changes.readerId, changes.entityId],
    { seq: changes.seq, gone: changes.gone, changedAt: changes.changedAt },
  ] as const

/** The number of the present batch, of the user who is bound as `user`: the batch has locked the row. */
export const seqOf = ({ t: { users } }: Dialect, user: string): SQL =>
  sql`(select ${users.seq} from ${users} where ${users.id} = ${value(users.id, user)})`

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes } = t
  const entry = q.insert(changes).values({
    readerId: sql.placeholder('reader'),
    ...placeholders<object>(['entityId', 'entity', 'gone', 'changedAt']),
    seq: seqOf(dialect, 'reader'),
  } as never)
  return { entry: compile<Entry>(insertOrReplace(dialect, entry, ...keep(dialect))) }
})

type RevisedValues = { owner: OwnerId; reader: ReaderId; rev: string; changedAt: string }

const revisedTasks = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, tasks, users } = t
  const revised = q
    .select({
      readerId: users.id,
      entityId: tasks.id,
      entity: sql.raw("'task'").as('entity'),
      seq: users.seq,
      gone: literal(dialect, false).as('gone'),
      changedAt: typed(dialect, value(changes.changedAt, 'changedAt'), changes.changedAt).as(
        'changed_at',
      ),
    } as never)
    .from(users)
    .innerJoin(tasks, ownedBy(tasks.ownerId))
    .where(sql`${users.id} = ${value(users.id, 'reader')} and ${revisedAt(dialect, 'changedAt')}`)
  return compile<RevisedValues>(
    insertOrReplace(dialect, q.insert(changes).select(revised as never), ...keep(dialect)),
  )
})

/**
 * What an update of many tasks sets: the revision `rev`, and `updatedAt`, or a millisecond after the
 * `updated_at` of a task where that is later.
 */
export const revision = (dialect: Dialect) => {
  const { updatedAt } = dialect.t.tasks
  const later = laterInstant(dialect, value(updatedAt, 'updatedAt'), updatedAt)
  return { ...placeholders<object>(['rev']), updatedAt: later as never }
}

/**
 * The same for what a task only counts (subtasks, comments): `updated_at` does not run ahead of the
 * clock where many are counted in one millisecond. A list of what was changed since then has it.
 */
export const countedRevision = (dialect: Dialect) => {
  const { updatedAt } = dialect.t.tasks
  const latest = latestInstant(dialect, value(updatedAt, 'updatedAt'), updatedAt)
  return { ...placeholders<object>(['rev']), updatedAt: latest as never }
}

/**
 * The tasks that a batch gave the revision `rev`, at the instant that is bound as `at`, or later.
 * Found by the index of `updated_at`, which leads to few others: those of the same millisecond, and
 * those that were changed while a clock was ahead.
 */
export const revisedAt = (dialect: Dialect, at: string): SQL => {
  const { trashed, updatedAt, rev } = dialect.t.tasks
  return sql`${trashed} in (${literal(dialect, false)}, ${literal(dialect, true)}) and ${updatedAt} >= ${value(updatedAt, at)} and ${rev} = ${value(rev, 'rev')}`
}

/** An entry of the change log, in its order: by number, then by what it is about. */
export type LogEntry = { readonly seq: number; readonly id: string }

/**
 * Conditions on entries of the change log, which is read in its order and piece by piece: behind the
 * entry that is bound as `seq` and `id`, up to the number `upTo`, and up to the entry that is bound
 * as `upTo` and `lastId`.
 */
export const logWindow = ({ t: { changes } }: Dialect) => {
  const [from, upTo] = [value(changes.seq, 'seq'), value(changes.seq, 'upTo')]
  return {
    behind: and(
      gte(changes.seq, from),
      or(gt(changes.seq, from), gt(changes.entityId, value(changes.entityId, 'id'))),
    ),
    upTo: lte(changes.seq, upTo),
    upToEntry: and(
      lte(changes.seq, upTo),
      or(lt(changes.seq, upTo), lte(changes.entityId, value(changes.entityId, 'lastId'))),
    ),
  }
}

/** The entries of a batch's changes for each reader, to be its last writes but for a receipt. */
export const changeLogEntries = (
  ctx: Ctx,
  { ownerId, readerIds }: Parties,
  changes: readonly Change[],
): Write[] => {
  const entriesOf = (readerId: ReaderId) => {
    // A label belongs to its owner's account: other readers see its name in their tasks.
    const told = isSameUser(readerId, ownerId)
      ? changes
      : changes.filter((change) => 'rev' in change || change.entity !== 'label')
    return told.map((change) =>
      'rev' in change
        ? revisedEntries(ctx, ownerId, readerId, change)
        : entryOf(ctx, readerId, change),
    )
  }
  return readerIds.flatMap(entriesOf)
}

const entryOf = (
  ctx: Ctx,
  readerId: ReaderId,
  { entity, id, gone = false }: Omit<Exclude<Change, Revised>, 'event'>,
): Write =>
  write(statements(ctx.db).entry, {
    reader: readerId,
    entityId: id,
    entity,
    gone,
    changedAt: now(ctx),
  })

const revisedEntries = (
  ctx: Ctx,
  ownerId: OwnerId,
  readerId: ReaderId,
  { rev, at }: Revised,
): Write => write(revisedTasks(ctx.db), { owner: ownerId, reader: readerId, rev, changedAt: at })

/** The entry of a thing that is made at `at` with the actor's account, in a batch without a plan. */
export const logChange = (ctx: Ctx, entity: Entity, id: string, at: string): Write =>
  entryOf({ ...ctx, moment: { at } }, readerIdOf(ctx), { entity, id })
