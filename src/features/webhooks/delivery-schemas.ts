// The shapes of deliveries in requests and answers.
import { Id, Instant, pageQuery } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'

const deliveryStatuses = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]
const Status = component('WebhookDeliveryStatus', z.enum(deliveryStatuses), {
  description:
    '`pending`: it is sent at `next_attempt_at`. `delivered`: the endpoint answered 2xx. `failed`: it is not tried any more.',
})

const example = {
  id: '0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4d',
  webhook_id: '0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c',
  message_id: 'msg_0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4d',
  event_id: '0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4c',
  event_type: 'task.completed',
  status: 'delivered' as const,
  attempts: 1,
  next_attempt_at: null,
  last_attempt_at: '2026-12-01T09:00:01.000Z',
  response_status: 200,
  response_excerpt: 'ok',
  error: null,
  duration_ms: 84,
  created_at: '2026-12-01T09:00:00.000Z',
}

export const Delivery = z
  .object({
    id: Id,
    webhook_id: Id,
    message_id: z.string().openapi({
      description: 'The `webhook-id` with which it is sent: the same at each attempt.',
    }),
    event_id: Id.nullable().openapi({ description: 'Null for a test.' }),
    event_type: z.string(),
    status: Status,
    attempts: z.int().min(0).openapi({ description: 'How often sending it has begun.' }),
    next_attempt_at: Instant.nullable(),
    last_attempt_at: Instant.nullable(),
    response_status: z.int().nullable().openapi({
      description: 'Of the last answer; null where none came.',
    }),
    response_excerpt: z.string().nullable().openapi({
      description: 'The beginning of the last answer.',
    }),
    error: z.string().nullable().openapi({ description: 'Why the last attempt failed.' }),
    duration_ms: z.int().nullable(),
    created_at: Instant,
  })
  .openapi('WebhookDelivery', { example })
export type Delivery = z.output<typeof Delivery>

export const deliveriesQuery = z.strictObject({
  status: Status.optional().openapi({ description: 'Only those of this status.' }),
  ...pageQuery,
})
