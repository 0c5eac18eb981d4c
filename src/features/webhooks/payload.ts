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
const resourceOf = async (
  ctx: Ctx,
  { entity, entity_id }: Pick<Event, 'entity' | 'entity_id'>,
): Promise<Resource | null> => {
  try {
    return (await readers[entity]?.(ctx, entity_id)) ?? null
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}

/** Comments and reminders are in the project of their task. */
const projectOf = async (ctx: Ctx, resource: Resource): Promise<unknown> => {
  const task = resource['task_id']
  if (typeof task !== 'string') return resource.project_id
  return (await resourceOf(ctx, { entity: 'task', entity_id: task }))?.project_id ?? null
}

/** The thing, where it is in the project that its endpoint is for; a label and the user always. */
const within = async (
  ctx: Ctx,
  projectId: string | null,
  resource: Resource | null,
): Promise<Resource | null> => {
  if (projectId === null || resource === null) return resource
  const project = await projectOf(ctx, resource)
  return project === undefined || project === projectId ? resource : null
}

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
  const resource = await within(ctx, projectId, await resourceOf(ctx, event))
  return said(event.type, event.at, { event, resource, rev: resource?.rev ?? null })
}

const said = <T extends WebhookPayload['type']>(
  type: T,
  timestamp: string,
  data: Extract<WebhookPayload, { type: T }>['data'],
): string => JSON.stringify({ type, timestamp, data })
