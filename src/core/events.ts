// The record of what happened: rows that the batch of the change itself adds.
import { type SQL, sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import { randomIds, typed } from '../db/portable.ts'
import {
  compile,
  everyColumn,
  fillList,
  listOf,
  perSlots,
  slotsFor,
  value,
  type Write,
  write,
} from '../db/statement.ts'
import { type Change, type Entity, revisedAt, seqOf } from './change-log.ts'
import { type Actor, type Author, type Ctx, now } from './context.ts'
import type { Happening, ManyHappened } from './event-types.ts'
import { actorIdOf, type OwnerId, type Parties } from './parties.ts'
import { ownedBy } from './visibility.ts'

/** What an event is about: things of the change log, and imports. */
type About = { readonly entity: Entity | 'import'; readonly id: string }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { events, tasks, users } = t
  const given = (name: 'type' | 'actorId' | 'credential' | 'at' | 'data') =>
    typed(dialect, value(events[name], name), events[name]).as(events[name].name)
  const ofTasks = (which: SQL) => {
    const rows = q
      .select({
        id: randomIds(dialect, sql`${sql.placeholder('prefix')}`).as('id'),
        ownerId: tasks.ownerId,
        userId: typed(dialect, sql.raw('null'), events.userId).as('user_id'),
        projectId: tasks.projectId,
        taskId: sql`${tasks.id}`.as('task_id'),
        entity: sql.raw("'task'").as('entity'),
        entityId: sql`${tasks.id}`.as('entity_id'),
        seq: users.seq,
        type: given('type'),
        actorId: given('actorId'),
        credential: given('credential'),
        at: given('at'),
        data: given('data'),
      } as never)
      .from(users)
      .innerJoin(tasks, ownedBy(tasks.ownerId))
      .where(sql`${users.id} = ${value(users.id, 'owner')} and ${which}`)
    return compile(q.insert(events).select(rows as never))
  }
  return {
    insert: compile(
      q.insert(events).values({ ...everyColumn(events), seq: seqOf(dialect, 'ownerId') as never }),
    ),
    ofRevised: ofTasks(revisedAt(dialect, 'at')),
    ofListed: perSlots((slots) => ofTasks(sql`${tasks.id} in ${listOf(tasks.id, 'task', slots)}`)),
  }
})

/** What a credential is called in an event. */
const credentialOf = (actor: Actor): string => {
  if (actor.kind === 'session') return `session:${actor.sessionId}`
  if (actor.kind === 'key') return `key:${actor.keyId}`
  return actor.kind === 'external' ? `external:${actor.issuer}`.slice(0, CREDENTIAL) : actor.kind
}
const CREDENTIAL = 191

/** Who is named for what this call does. */
export const authorOf = (ctx: Pick<Ctx, 'actor' | 'author'>): Author =>
  ctx.author ?? {
    actorId: ctx.actor.kind === 'system' ? null : actorIdOf(ctx),
    credential: credentialOf(ctx.actor),
  }

/** The write that records an event, for the batch in which it happens. */
export const recordEvent = (
  ctx: Ctx,
  ownerId: OwnerId,
  { entity, id }: About,
  { type, projectId, taskId, only, data }: Happening,
): Write => {
  const { actorId, credential } = authorOf(ctx)
  return write(statements(ctx.db).insert, {
    id: ctx.ids.next(),
    ownerId,
    userId: only ?? null,
    projectId,
    taskId,
    entity,
    entityId: id,
    type,
    actorId,
    credential,
    at: now(ctx),
    data,
  })
}

/** Ids of one statement differ in their last twelve digits. */
const PREFIX = 24

const ofMany = (ctx: Ctx, owner: OwnerId, { type, data }: ManyHappened) => ({
  prefix: ctx.ids.next().slice(0, PREFIX),
  owner,
  at: now(ctx),
  type,
  ...authorOf(ctx),
  data,
})

/**
 * The write that records an event of each task that the batch has given the revision `rev` by then,
 * with `at` as its `updated_at`, or later.
 */
export const recordRevised = (
  ctx: Ctx,
  owner: OwnerId,
  { rev, at }: { readonly rev: string; readonly at: string },
  event: ManyHappened,
): Write => write(statements(ctx.db).ofRevised, { ...ofMany(ctx, owner, event), rev, at })

/** The write that records an event of each of these tasks, 64 at most, while they are there. */
export const recordTasks = (
  ctx: Ctx,
  owner: OwnerId,
  ids: readonly string[],
  event: ManyHappened,
): Write => {
  const values = { ...ofMany(ctx, owner, event), ...fillList('task', ids) }
  return write(statements(ctx.db).ofListed(slotsFor(ids.length)), values)
}

/** The events of a batch's changes, behind the writes that make them. */
export const eventsOf = (ctx: Ctx, { ownerId }: Parties, changes: readonly Change[]): Write[] => {
  const writes: Write[] = []
  for (const change of changes) {
    if (change.event === null) continue
    writes.push(
      'rev' in change
        ? recordRevised(ctx, ownerId, change, change.event)
        : recordEvent(ctx, ownerId, change, change.event),
    )
  }
  return writes
}
