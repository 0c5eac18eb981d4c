// A delivery as it is stored, and as the user of its webhook sees it.
import type { Dialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import type { Delivery, DeliveryStatus } from './delivery-schemas.ts'

export const deliveryShape = ({ t: { deliveries } }: Dialect) => ({
  id: deliveries.id,
  webhookId: deliveries.webhookId,
  eventId: deliveries.eventId,
  eventType: deliveries.eventType,
  status: deliveries.status,
  attempts: deliveries.attempts,
  nextAt: deliveries.nextAt,
  rev: deliveries.rev,
  lastAttemptAt: deliveries.lastAttemptAt,
  responseStatus: deliveries.responseStatus,
  responseExcerpt: deliveries.responseExcerpt,
  error: deliveries.error,
  durationMs: deliveries.durationMs,
  createdAt: deliveries.createdAt,
})

export type StoredDelivery = {
  readonly id: string
  readonly webhookId: string
  readonly eventId: string | null
  readonly eventType: string
  readonly status: string
  readonly attempts: number
  readonly nextAt: Instant | null
  readonly rev: string
  readonly lastAttemptAt: Instant | null
  readonly responseStatus: number | null
  readonly responseExcerpt: string | null
  readonly error: string | null
  readonly durationMs: number | null
  readonly createdAt: Instant
}

/** The `webhook-id` of a delivery. */
export const messageIdOf = ({ id }: Pick<StoredDelivery, 'id'>): string => `msg_${id}`

export const shownDelivery = (row: StoredDelivery): Delivery => ({
  id: row.id,
  webhook_id: row.webhookId,
  message_id: messageIdOf(row),
  event_id: row.eventId,
  event_type: row.eventType,
  status: row.status as DeliveryStatus,
  attempts: row.attempts,
  next_attempt_at: row.nextAt,
  last_attempt_at: row.lastAttemptAt,
  response_status: row.responseStatus,
  response_excerpt: row.responseExcerpt,
  error: row.error,
  duration_ms: row.durationMs,
  created_at: row.createdAt,
})

type NewDelivery = Pick<StoredDelivery, 'id' | 'webhookId' | 'eventId' | 'eventType' | 'createdAt'>

/** One that is due at once. */
export const newDelivery = (given: NewDelivery): StoredDelivery => ({
  ...given,
  status: 'pending',
  attempts: 0,
  nextAt: given.createdAt,
  rev: given.id,
  lastAttemptAt: null,
  responseStatus: null,
  responseExcerpt: null,
  error: null,
  durationMs: null,
})
