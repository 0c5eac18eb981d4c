// The record of what happened: rows that the batch of the change itself adds.
import { sql } from 'drizzle-orm'
import { perDialect } from '../db/database.ts'
import type { Instant } from '../db/instant.ts'
import { compile, everyColumn, value, type Write, write } from '../db/statement.ts'
import type { Entity } from './change-log.ts'
import type { Actor, Ctx } from './context.ts'
import { actorIdOf, type OwnerId, type ReaderId } from './parties.ts'

/** Small values of the fields that have changed, as JSON. */
type EventData = Readonly<Record<string, unknown>>

export type Event = {
  /** Whose project it happened in, or else whose account. */
  readonly ownerId: OwnerId
  /** The only user who may see it; without it, all who see the thing. */
  readonly only?: ReaderId
  readonly projectId: string | null
  readonly taskId: string | null
  readonly entity: Entity
  readonly entityId: string
  /** As in `reminder.fired`. */
  readonly type: `${string}.${string}`
  readonly at: Instant
  readonly data: EventData
}

const statements = perDialect(({ q, t: { events, users } }) => {
  const seq = sql`(select ${users.seq} from ${users} where ${users.id} = ${value(users.id, 'ownerId')})`
  return { insert: compile(q.insert(events).values({ ...everyColumn(events), seq } as never)) }
})

/** What a credential is called in an event. */
const credentialOf = (actor: Actor): string => {
  if (actor.kind === 'session') return `session:${actor.sessionId}`
  if (actor.kind === 'key') return `key:${actor.keyId}`
  return actor.kind === 'external' ? `external:${actor.issuer}`.slice(0, CREDENTIAL) : actor.kind
}
const CREDENTIAL = 191

/** The write that records an event, for the batch in which it happens. */
export const recordEvent = (ctx: Ctx, { only, ...event }: Event): Write =>
  write(statements(ctx.db).insert, {
    ...event,
    id: ctx.ids.next(),
    userId: only ?? null,
    actorId: ctx.actor.kind === 'system' ? null : actorIdOf(ctx),
    credential: credentialOf(ctx.actor),
  })
