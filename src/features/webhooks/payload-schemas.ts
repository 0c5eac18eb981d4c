// The bodies of deliveries.
import { Id, Instant } from '../../core/schemas.ts'
import { component, exampleIn, z } from '../../core/zod.ts'
import { Event, EventType } from '../activity/index.ts'
import { Task } from '../tasks/index.ts'

/** What a test sends. It is no event: it is sent to the endpoint that is tested. */
export const TEST_TYPE = 'webhook.test'

const event = exampleIn(Event) as Event
const task = exampleIn(Task) as Task

/** Any of six, which no field tells apart: generators make nothing good of a union of them. */
const Resource = component(
  'WebhookResource',
  z.looseObject({ project_id: Id.nullish(), rev: Id.optional() }),
  {
    description:
      'The thing as the user of the webhook sees it when it is sent, as its own operations show it: what `event.entity` names.',
  },
)
export type Resource = z.output<typeof Resource>

const EventOfWebhook = component(
  'WebhookEventData',
  z.object({
    event: Event,
    resource: Resource.nullable().openapi({
      description: 'Null where it is gone, or in another project than that of the webhook.',
    }),
    rev: Id.nullable().openapi({ description: 'The revision of `resource`.' }),
  }),
)
export const EventPayload = z
  .object({
    type: EventType,
    timestamp: Instant.openapi({ description: 'When it happened.' }),
    data: EventOfWebhook,
  })
  .openapi('WebhookEventPayload', {
    description: 'Something that happened.',
    example: {
      type: event.type,
      timestamp: event.at,
      data: { event, resource: task, rev: task.rev },
    },
  })

export const TestPayload = z
  .object({
    type: z.literal(TEST_TYPE),
    timestamp: Instant,
    data: component('WebhookTestData', z.object({ webhook_id: Id })),
  })
  .openapi('WebhookTestPayload', {
    description: 'A test.',
    example: {
      type: TEST_TYPE,
      timestamp: event.at,
      data: { webhook_id: '0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c' },
    },
  })

export type WebhookPayload = z.output<typeof EventPayload> | z.output<typeof TestPayload>
