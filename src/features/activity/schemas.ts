// The shapes of the record of what happened.
import { eventTypes } from '../../core/event-types.ts'
import { Id, Instant, pageQuery } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'

export const EventType = component('EventType', z.enum(eventTypes), {
  description: 'A later version may add types.',
  example: 'task.updated',
})

const kinds = ['session', 'key', 'external', 'service'] as const
export type ActorKind = (typeof kinds)[number]

const ActorKind = component('ActorKind', z.enum(kinds), {
  description: '`external`: a token of another issuer. `service`: no request.',
})
const CauseEntity = component('EventCauseEntity', z.enum(['task', 'project']))

const example = {
  id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
  type: 'task.updated',
  entity: 'task',
  entity_id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
  project_id: '0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b',
  task_id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
  actor: {
    id: '0199c2f4-8d5e-7f60-9b72-8d9e0f1a2b3c',
    kind: 'session',
    credential_id: '0199c2f4-9e6f-7a71-8c83-9e0f1a2b3c4d',
  },
  at: '2026-12-01T09:00:00.000Z',
  changes: { priority: { old: 'none', new: 'high' }, description: {} },
  cause: null,
  details: {},
} as const

const Change = z
  .object({ old: z.unknown().optional(), new: z.unknown().optional() })
  .openapi('FieldChange', {
    description:
      'The value before and after, each where there is one. Neither for texts of a task or comment (`title`, `description`, `url`, `external_id`, `extra`, `text`), and for values of more than 500 characters.',
    example: { old: 'none', new: 'high' },
  })

const EventActor = component(
  'EventActor',
  z.object({
    id: Id.nullable().openapi({ description: 'The user; null for the service itself.' }),
    kind: ActorKind,
    credential_id: z.string().nullable().openapi({
      description:
        "Of the caller's own credentials: the id of the session or API key, or the issuer of the token.",
    }),
  }),
)

const EventCause = component('EventCause', z.object({ entity: CauseEntity, id: Id }), {
  description:
    'What took a task along that the request did not name: the task above it, or its project.',
})

export const Event = z
  .object({
    id: Id,
    type: EventType,
    entity: z.string().openapi({ description: 'The kind of thing: the first word of `type`.' }),
    entity_id: Id.openapi({ description: 'The thing, which may be gone by now.' }),
    project_id: Id.nullable().openapi({ description: 'The project it was in by then.' }),
    task_id: Id.nullable().openapi({
      description: 'The task itself, or that of a comment or reminder.',
    }),
    actor: EventActor,
    at: Instant,
    changes: z.record(z.string(), Change).openapi({ description: 'By field.' }),
    cause: EventCause.nullable(),
    details: z.record(z.string(), z.unknown()).openapi({
      description: 'What no field says: of a reminder that has fired, and of an import.',
    }),
  })
  .openapi('Event', { example })
export type Event = z.infer<typeof Event>

export const activityQuery = z.strictObject({
  ...pageQuery,
  type: z
    .array(EventType)
    .min(1)
    .max(eventTypes.length)
    .transform((given) => [...new Set(given)])
    .optional()
    .openapi({
      description:
        'Only events of this type; repeat it for several. A page may then have fewer than `limit`, or none, and still a `next_cursor`: there may be more.',
    }),
})
export type ActivityQuery = z.output<typeof activityQuery>
