// Reminders of tasks.
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
