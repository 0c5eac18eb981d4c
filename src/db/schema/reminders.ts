// Reminders of tasks, and the record of what happened.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'
import type { Tasks } from './tasks.ts'

export const reminders = (k: Kit, users: Users, tasks: Tasks) =>
  k.table(
    'reminders',
    {
      id: k.id('id').primaryKey(),
      /** Whose it is. No other user sees it, also none who sees the task. */
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      /** When it is to fire, as its user said it. */
      trigger: k.json<Record<string, unknown>>('trigger_spec').notNull(),
      /**
       * The instant that the trigger means, with the times of the task and the settings of the user.
       * A change that moves it sets it in its own batch. Null where the task has no time to count from.
       */
      fireAt: k.instant('fire_at'),
      /** `pending`, `unscheduled`, `fired`, `missed` or `cancelled`. */
      status: k.str('status', 16).notNull(),
      firedAt: k.instant('fired_at'),
      /** Did it fire later than it should have? */
      late: k.bool('late').notNull(),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
    },
    (t) => [
      k.index('reminders_status_fire').on(t.status, t.fireAt, t.id),
      k.index('reminders_user_fire').on(t.userId, t.fireAt, t.id),
      k.index('reminders_user_status').on(t.userId, t.status, t.id),
      k.index('reminders_task').on(t.taskId, t.userId, t.id),
    ],
  )

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
      /** As in `reminder.fired`. */
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
      k.index('events_owner').on(t.ownerId, t.id),
      k.index('events_project').on(t.projectId, t.id),
      k.index('events_task').on(t.taskId, t.id),
      k.index('events_at').on(t.at),
    ],
  )
