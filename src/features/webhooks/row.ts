// A webhook as it is stored, and as its user sees it.
import type { EventType } from '../../core/event-types.ts'
import { type ReaderId, readerColumn } from '../../core/parties.ts'
import type { Dialect } from '../../db/database.ts'
import type { Instant } from '../../db/instant.ts'
import type { DisabledReason, Webhook } from './schemas.ts'
import type { StoredSecrets } from './secrets.ts'

export const rowShape = ({ t: { webhooks } }: Dialect) => ({
  id: webhooks.id,
  userId: readerColumn(webhooks.userId),
  url: webhooks.url,
  description: webhooks.description,
  eventTypes: webhooks.eventTypes,
  projectId: webhooks.projectId,
  secret: webhooks.secret,
  previousSecret: webhooks.previousSecret,
  previousUntil: webhooks.previousUntil,
  active: webhooks.active,
  disabledReason: webhooks.disabledReason,
  disabledAt: webhooks.disabledAt,
  failingSince: webhooks.failingSince,
  rev: webhooks.rev,
  createdAt: webhooks.createdAt,
  updatedAt: webhooks.updatedAt,
})

export type Stored = StoredSecrets & {
  readonly id: string
  readonly userId: ReaderId
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly string[]
  readonly projectId: string | null
  readonly active: boolean
  readonly disabledReason: string | null
  readonly disabledAt: Instant | null
  readonly failingSince: Instant | null
  readonly rev: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** As its user sees it at `at`. */
export const shownWebhook = (row: Stored, at: Instant): Webhook => {
  const { previousUntil } = row
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    event_types: row.eventTypes as EventType[],
    project_id: row.projectId,
    active: row.active,
    disabled_reason: row.disabledReason as DisabledReason | null,
    disabled_at: row.disabledAt,
    failing_since: row.failingSince,
    previous_secret_until: previousUntil !== null && previousUntil > at ? previousUntil : null,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    rev: row.rev,
  }
}
