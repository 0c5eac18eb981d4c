// The record of what happened, and who is told of it: webhooks and their deliveries.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'

/** What happened, in the batch in which it did. Rows are added and, when they are old, deleted. */
export const events = (k: Kit, users: Users) =>
  k.table(
    'events',
    {
      id: k.id('id').primaryKey(),
      /** Whose project, or else whose account, it happened in. */
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** The only user who may see it; null for all who see the thing. */
      userId: k.id('user_id'),
      /** These name what may be gone by now: no foreign keys. */
      projectId: k.id('project_id'),
      taskId: k.id('task_id'),
      entity: k.str('entity', 16).notNull(),
      entityId: k.id('entity_id').notNull(),
      /**
       * The owner's `seq` after the batch in which it happened: the order of commits, which ids do not
       * have. 0 where a version wrote it that did not know the column.
       */
      seq: k.int('seq').notNull().default(0),
      /** As in `task.completed`. */
      type: k.str('type', 40).notNull(),
      /** Who did it; null for the service. */
      actorId: k.id('actor_id'),
      /** By which credential: `session:`, `key:` and its id, `external:` and the issuer, or `system`. */
      credential: k.str('credential', 191).notNull(),
      at: k.instant('at').notNull(),
      /** Changed fields, with the old and the new value of the small ones. */
      data: k.json<Record<string, unknown>>('data').notNull(),
    },
    (t) => [
      k.index('events_owner_seq').on(t.ownerId, t.seq, t.id),
      k.index('events_task').on(t.taskId, t.id),
    ],
  )

/** Endpoints of users that are sent what happens. */
export const webhooks = (k: Kit, users: Users) =>
  k.table(
    'webhooks',
    {
      id: k.id('id').primaryKey(),
      /** Whose it is: it is told what this user may see. */
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      url: k.text('url').notNull(),
      description: k.str('description', 120).notNull(),
      /** Types of events, as in `task.completed`; none for all. */
      eventTypes: k.json<string[]>('event_types').notNull(),
      /** Only events of this project; null for all. No foreign key: it may be gone by now. */
      projectId: k.id('project_id'),
      /** What signs. If AUTH_SECRET is set, `enc:` and the encrypted secret. */
      secret: k.text('secret').notNull(),
      /** The one before, which signs besides until `previousUntil`. */
      previousSecret: k.text('previous_secret'),
      previousUntil: k.instant('previous_until'),
      active: k.bool('active').notNull(),
      /** Why the service switched it off: `gone` (410) or `failing`; null where it did not. */
      disabledReason: k.str('disabled_reason', 16),
      disabledAt: k.instant('disabled_at'),
      /** The first failure since the last success. */
      failingSince: k.instant('failing_since'),
      /** Up to this `seq` of its user, every event has its deliveries. */
      seq: k.int('seq').notNull(),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
    },
    (t) => [
      k.index('webhooks_user').on(t.userId, t.id),
      k.index('webhooks_active').on(t.active, t.id),
    ],
  )
export type Webhooks = ReturnType<typeof webhooks>

/** What is sent to a webhook: one row for each event. */
export const deliveries = (k: Kit, webhooks: Webhooks) =>
  k.table(
    'deliveries',
    {
      id: k.id('id').primaryKey(),
      webhookId: k
        .id('webhook_id')
        .notNull()
        .references(() => webhooks.id, { onDelete: 'cascade' }),
      /** No foreign key: a delivery that is over outlives its event. Null for a test. */
      eventId: k.id('event_id'),
      eventType: k.str('event_type', 40).notNull(),
      /** `pending`, `delivered` or `failed`. */
      status: k.str('status', 16).notNull(),
      /** How often it was tried. */
      attempts: k.int('attempts').notNull(),
      /** When it is tried next; while it is tried, when another process may take it over. Null once it is over. */
      nextAt: k.instant('next_at'),
      /** What the claim of each attempt changes, so that one process makes it. */
      rev: k.id('rev').notNull(),
      lastAttemptAt: k.instant('last_attempt_at'),
      /** Of the last answer; null where none came. */
      responseStatus: k.int('response_status'),
      /** The beginning of its body. */
      responseExcerpt: k.text('response_excerpt'),
      /** Why the last attempt failed. */
      error: k.str('error', 191),
      durationMs: k.int('duration_ms'),
      createdAt: k.instant('created_at').notNull(),
    },
    (t) => [
      k.index('deliveries_status_next').on(t.status, t.nextAt, t.id),
      k.index('deliveries_webhook').on(t.webhookId, t.id),
      k.index('deliveries_webhook_status').on(t.webhookId, t.status, t.nextAt),
    ],
  )
