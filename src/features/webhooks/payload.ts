// What an endpoint is sent: the event, and the thing as the endpoint's user sees it now.
import { eq } from 'drizzle-orm'
import { type Ctx, onBehalfOf } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { readerIdOf } from '../../core/parties.ts'
import { canReadAmong, forAllOrReader } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import { query, value } from '../../db/statement.ts'
import { getUser } from '../account/index.ts'
import { getComment } from '../comments/index.ts'
import { getLabel } from '../labels/index.ts'
import { getProject } from '../projects/index.ts'
import { getReminder } from '../reminders/index.ts'
import { getTask } from '../tasks/index.ts'
import type { SendingCtx } from './context.ts'
import type { StoredDelivery } from './delivery-row.ts'
import { TEST_TYPE } from './event-types.ts'
import type { Stored } from './row.ts'

type EventRow = {
  readonly id: string
  readonly type: string
  readonly entity: string
  readonly entityId: string
  readonly projectId: string | null
  readonly taskId: string | null
  readonly actorId: string | null
  readonly at: Instant
  readonly data: Readonly<Record<string, unknown>>
}

const statements = perDialect(({ q, t: { events } }) => ({
  byId: query<EventRow>(
    q
      .select({
        id: events.id,
        type: events.type,
        entity: events.entity,
        entityId: events.entityId,
        projectId: events.projectId,
        taskId: events.taskId,
        actorId: events.actorId,
        at: events.at,
        data: events.data,
      })
      .from(events)
      .where(
        canReadAmong(events, eq(events.id, value(events.id, 'id')), forAllOrReader(events.userId)),
      ),
  ),
}))

/** How each kind of thing is read. */
const readers: Readonly<Record<string, (ctx: Ctx, id: string) => Promise<object>>> = {
  task: getTask,
  project: getProject,
  label: getLabel,
  comment: getComment,
  reminder: getReminder,
  user: (ctx) => getUser(ctx),
}

/** The thing as its reader sees it; null where it is gone, or not to be seen any more. */
const resourceOf = async (ctx: Ctx, { entity, entityId }: EventRow): Promise<object | null> => {
  try {
    return (await readers[entity]?.(ctx, entityId)) ?? null
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}

/** Is it in another project by now than the one that its endpoint is for? */
const isElsewhere = (resource: object | null, projectId: string | null): boolean =>
  projectId !== null &&
  resource !== null &&
  'project_id' in resource &&
  resource.project_id !== projectId

/**
 * The body of a delivery to an endpoint of this user. Undefined where its event is gone, or the user
 * may not see it any more.
 */
export const payloadOf = async (
  system: SendingCtx,
  { userId, projectId }: Pick<Stored, 'userId' | 'projectId'>,
  { webhookId, eventId, createdAt }: StoredDelivery,
): Promise<string | undefined> => {
  if (eventId === null)
    return JSON.stringify({
      type: TEST_TYPE,
      timestamp: createdAt,
      data: { webhook_id: webhookId },
    })
  const ctx: Ctx = onBehalfOf(system, userId)
  const event = await ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id: eventId })
  if (!event) return undefined
  const found = await resourceOf(ctx, event)
  const resource = isElsewhere(found, projectId) ? null : found
  return JSON.stringify({
    type: event.type,
    timestamp: event.at,
    data: {
      event: {
        id: event.id,
        entity: event.entity,
        entity_id: event.entityId,
        project_id: event.projectId,
        task_id: event.taskId,
        actor_id: event.actorId,
        data: event.data,
      },
      resource,
      rev: resource !== null && 'rev' in resource ? resource.rev : null,
    },
  })
}
