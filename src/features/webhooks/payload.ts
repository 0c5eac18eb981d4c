// What an endpoint is sent: the event, and the thing as the endpoint's user sees it now.
import { type Ctx, onBehalfOf } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { getUser } from '../account/index.ts'
import { type Event, findEvent } from '../activity/index.ts'
import { getComment } from '../comments/index.ts'
import { getLabel } from '../labels/index.ts'
import { getProject } from '../projects/index.ts'
import { getReminder } from '../reminders/index.ts'
import { getTask } from '../tasks/index.ts'
import type { SendingCtx } from './context.ts'
import type { StoredDelivery } from './delivery-row.ts'
import { type Resource, TEST_TYPE, type WebhookPayload } from './payload-schemas.ts'
import type { Stored } from './row.ts'

/** How each kind of thing is read. */
const readers: Readonly<Record<string, (ctx: Ctx, id: string) => Promise<Resource>>> = {
  task: getTask,
  project: getProject,
  label: getLabel,
  comment: getComment,
  reminder: getReminder,
  user: (ctx) => getUser(ctx),
}

/** The thing as its reader sees it; null where it is gone, or not to be seen any more. */
const resourceOf = async (ctx: Ctx, { entity, entity_id }: Event): Promise<Resource | null> => {
  try {
    return (await readers[entity]?.(ctx, entity_id)) ?? null
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}

/** Is it in another project by now than the one that its endpoint is for? */
const isElsewhere = (resource: Resource | null, projectId: string | null): boolean =>
  projectId !== null && resource?.project_id !== undefined && resource.project_id !== projectId

/**
 * The body of a delivery to an endpoint of this user. Undefined where its event is gone, or the user
 * may not see it any more.
 */
export const payloadOf = async (
  system: SendingCtx,
  { userId, projectId }: Pick<Stored, 'userId' | 'projectId'>,
  { webhookId, eventId, createdAt }: StoredDelivery,
): Promise<string | undefined> => {
  if (eventId === null) return said(TEST_TYPE, createdAt, { webhook_id: webhookId })
  const ctx: Ctx = onBehalfOf(system, userId)
  const event = await findEvent(ctx, eventId)
  if (!event) return undefined
  const found = await resourceOf(ctx, event)
  const resource = isElsewhere(found, projectId) ? null : found
  return said(event.type, event.at, { event, resource, rev: resource?.rev ?? null })
}

const said = <T extends WebhookPayload['type']>(
  type: T,
  timestamp: string,
  data: Extract<WebhookPayload, { type: T }>['data'],
): string => JSON.stringify({ type, timestamp, data })
