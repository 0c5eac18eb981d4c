// The shapes of webhooks in requests and answers.
import { eventTypes } from '../../core/event-types.ts'
import { Id, Instant, line } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'
import { EventType } from '../activity/index.ts'

/** Endpoints of one user. */
export const MAX_WEBHOOKS = 10
export const MAX_URL = 2_000

const example = {
  id: '0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c',
  url: 'https://hooks.example.org/taskport',
  description: 'Chat',
  event_types: ['task.created' as const, 'task.completed' as const],
  project_id: null,
  active: true,
  disabled_reason: null,
  disabled_at: null,
  failing_since: null,
  previous_secret_until: null,
  created_at: '2026-12-01T09:00:00.000Z',
  updated_at: '2026-12-01T09:00:00.000Z',
  rev: '0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3d',
}

const DisabledReason = component('WebhookDisabledReason', z.enum(['gone', 'failing']), {
  description:
    '`gone`: the endpoint answered 410. `failing`: nothing could be delivered to it for five days.',
})
export type DisabledReason = z.output<typeof DisabledReason>

export const Webhook = z
  .object({
    id: Id,
    url: z.string(),
    description: z.string(),
    event_types: z.array(EventType).openapi({ description: 'Empty: every type.' }),
    project_id: Id.nullable().openapi({ description: 'Null: every project.' }),
    active: z.boolean(),
    disabled_reason: DisabledReason.nullable().openapi({
      description: 'Why the service has switched it off; null where it has not.',
    }),
    disabled_at: Instant.nullable(),
    failing_since: Instant.nullable().openapi({
      description: 'When the first delivery failed since the last one that did not.',
    }),
    previous_secret_until: Instant.nullable().openapi({
      description: 'Until when the secret before signs besides; null where there is none.',
    }),
    created_at: Instant,
    updated_at: Instant,
    rev: Id,
  })
  .openapi('Webhook', { example })
export type Webhook = z.output<typeof Webhook>

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8yMVl5q8FZk='
export const WebhookWithSecret = z
  .object({
    ...Webhook.shape,
    secret: z.string().optional().openapi({
      description:
        'What verifies its deliveries, shown this once: a repetition by Idempotency-Key lacks it.',
    }),
  })
  .openapi('WebhookWithSecret', { example: { ...example, secret: SECRET } })
/** A webhook as its maker gets it. */
export type MadeWebhook = Webhook & { readonly secret: string }

const fields = {
  url: z.string().max(MAX_URL).openapi({
    format: 'uri',
    maxLength: MAX_URL,
    example: example.url,
    description:
      'Where deliveries are sent: https, on port 443, 80, 8080 or 8443, at an address of the public internet.',
  }),
  description: line(0, 120).openapi({ example: example.description }),
  event_types: z
    .array(EventType)
    .max(eventTypes.length)
    .refine((given) => new Set(given).size === given.length, {
      error: 'Each type may be named once.',
      params: { code: 'repeated' },
    })
    .openapi({ uniqueItems: true, description: 'What it is told of; empty for everything.' }),
  project_id: Id.nullable().openapi({
    description: 'Only what happens in this project; null for everything.',
  }),
  active: z.boolean().openapi({
    description:
      'Is it told? What happens while it is switched off is not sent later. Switching it on forgets why the service had switched it off.',
  }),
}

export const NewWebhook = z
  .strictObject({
    url: fields.url,
    description: fields.description.default(''),
    event_types: fields.event_types.default([]),
    project_id: fields.project_id.default(null),
    active: fields.active.default(true),
  })
  .openapi('NewWebhook', {
    example: { url: example.url, description: 'Chat', event_types: example.event_types },
  })
export type NewWebhook = z.output<typeof NewWebhook>

export const WebhookPatch = z
  .strictObject(fields)
  .partial()
  .openapi('WebhookPatch', {
    description: 'A merge patch (RFC 7396), in which the list of types is one value.',
    example: { active: true },
  })
export type WebhookPatch = z.output<typeof WebhookPatch>
