// What belongs to a task in rows of its own.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'
import type { Tasks } from './tasks.ts'

/** Occurrences of recurring tasks that were completed or skipped. */
export const taskOccurrences = (k: Kit, users: Users, tasks: Tasks) =>
  k.table(
    'task_occurrences',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      /** The wall clock that the occurrence stood for, which a postponed due is not. */
      slotWall: k.str('slot_wall', 19).notNull(),
      slotZone: k.str('slot_zone', 64),
      dueWall: k.str('due_wall', 19).notNull(),
      dueZone: k.str('due_zone', 64),
      startWall: k.str('start_wall', 19).notNull(),
      startZone: k.str('start_zone', 64),
      /** 'completed' or 'skipped'. */
      outcome: k.str('outcome', 16).notNull(),
      doneBy: k.id('done_by').notNull(),
      /** The task's `updated_at` since: later than that of the occurrence before. */
      doneAt: k.instant('done_at').notNull(),
      /** What undoing it needs besides: JSON that only the program looks into. */
      undo: k.text('undo').notNull(),
    },
    (t) => [
      k.index('task_occurrences_task').on(t.taskId, t.doneAt, t.id),
      k.index('task_occurrences_slot').on(t.taskId, t.slotWall),
      k.index('task_occurrences_owner').on(t.ownerId),
    ],
  )

/** `blocker` has to be done before `task`. Both are of one owner. */
export const taskBlockers = (k: Kit, tasks: Tasks) =>
  k.table(
    'task_blockers',
    {
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      blockerId: k
        .id('blocker_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
    },
    (t) => [
      k.primaryKey({ columns: [t.taskId, t.blockerId] }),
      k.index('task_blockers_blocker_task').on(t.blockerId, t.taskId),
    ],
  )

export const comments = (k: Kit, users: Users, tasks: Tasks) =>
  k.table(
    'comments',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      text: k.text('text').notNull(),
      createdBy: k.id('created_by').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      edited: k.bool('edited').notNull(),
      rev: k.id('rev').notNull(),
    },
    (t) => [
      k.index('comments_task').on(t.taskId, t.id),
      k.index('comments_owner').on(t.ownerId, t.id),
    ],
  )
