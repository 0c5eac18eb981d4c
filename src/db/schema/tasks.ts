// What users own: projects, tasks and labels.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'

export const projects = (k: Kit, users: Users) =>
  k.table(
    'projects',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      name: k.str('name', 120).notNull(),
      color: k.str('color', 7),
      archived: k.bool('archived').notNull(),
      inbox: k.bool('inbox').notNull(),
      position: k.str('position', 191).notNull(),
      /**
       * Changed by writes that change the order or the tree of the project's tasks. Held by writes
       * that rely on it.
       */
      treeRev: k.id('tree_rev').notNull(),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      /**
       * The row of a deleted project stays while tasks in the trash refer to it. No request shows
       * it.
       */
      gone: k.bool('gone').notNull(),
      /** The same as that of a task. */
      madeOf: k.str('made_of', 64),
    },
    (t) => [
      k.index('projects_owner').on(t.ownerId, t.gone, t.position, t.id),
      k.index('projects_inbox').on(t.ownerId, t.inbox),
    ],
  )
export type Projects = ReturnType<typeof projects>

export const tasks = (k: Kit, users: Users, projects: Projects) =>
  k.table(
    'tasks',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      projectId: k
        .id('project_id')
        .notNull()
        .references(() => projects.id, { onDelete: 'cascade' }),
      /**
       * No foreign key: the batch that sets it checks the parent. After a purge, a task in the
       * trash may refer to a parent that is gone.
       */
      parentId: k.id('parent_id'),
      title: k.str('title', 500).notNull(),
      /** The folded beginning of the title, for sorting by title. */
      titleKey: k.str('title_key', 120).notNull(),
      description: k.text('description').notNull(),
      /**
       * Folded title and description, which `q` searches, so that search is the same on every
       * dialect.
       */
      haystack: k.text('haystack').notNull(),
      status: k.str('status', 16).notNull(),
      /** 0 none to 4 urgent. */
      priority: k.int('priority').notNull(),
      /**
       * The wall clock, `2026-12-01` or `2026-12-01T09:00:00`, or '' for none. It is never null, so
       * that every dialect sorts it alike.
       */
      startWall: k.str('start_wall', 19).notNull(),
      startZone: k.str('start_zone', 64),
      /** The instant, if there is a zone. */
      startAt: k.instant('start_at'),
      dueWall: k.str('due_wall', 19).notNull(),
      dueZone: k.str('due_zone', 64),
      dueAt: k.instant('due_at'),
      position: k.str('position', 191).notNull(),
      createdBy: k.id('created_by').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      completedAt: k.instant('completed_at'),
      deletedAt: k.instant('deleted_at'),
      /**
       * Whether it is in the trash. The same as `deleted_at`, in a form that every query planner
       * uses as an equality.
       */
      trashed: k.bool('trashed').notNull(),
      rev: k.id('rev').notNull(),
      /**
       * The names of its labels, so that a task is read from one row. Null or [] for none.
       * `task_labels` has the ids.
       */
      labels: k.json<string[]>('labels'),
      /** What clients keep with it: a flat JSON object of texts. Null for none. */
      extra: k.text('extra'),
      /** A date, or '' for none, as `due_wall` is. */
      deadline: k.str('deadline', 10).notNull().default(''),
      estimateMinutes: k.int('estimate_minutes'),
      url: k.text('url'),
      /**
       * Unique per owner and project. Guards in the batch see to that (features/tasks/external-ids.ts):
       * a unique index would stop a change of many rows half-way.
       */
      externalId: k.str('external_id', 191),
      /**
       * The ids of its blockers, so that a task is read from one row. Null or [] for none.
       * `task_blockers` has them, too.
       */
      blockedBy: k.json<string[]>('blocked_by'),
      /** Is one of its blockers open and not in the trash? */
      blocked: k.bool('blocked').notNull().default(false),
      /**
       * Its direct children that are not cancelled, and those of them that are completed. A child
       * that went to the trash together with it still counts.
       */
      childCount: k.int('child_count').notNull().default(0),
      childrenDone: k.int('children_done').notNull().default(0),
      commentCount: k.int('comment_count').notNull().default(0),
      /**
       * SHA-256 of what the client asked for, hexadecimal, where the id is one that the client made.
       * A repetition of that request is known by it.
       */
      madeOf: k.str('made_of', 64),
      /**
       * Counts the changes of its reminders; 0 where it never had one. A change of its times that
       * read this number expects it still, so that no reminder keeps a time that is not its own.
       */
      reminderRev: k.int('reminder_rev').notNull().default(0),
      /**
       * Its rule and the present slot of its series, as JSON that only the program looks into. Null
       * for a task that happens once.
       */
      recurrence: k.text('recurrence'),
      /** Slots behind the present one that COUNT allows. Null without COUNT. */
      recurrenceLeft: k.int('recurrence_left'),
      /**
       * The completion, of a task above it, that changed its status, and what it was before: the
       * completed parent's id, or the id of a recurring parent's occurrence. Null where a request
       * was about the task itself since. Behind `status` and `completed_at`, because a statement
       * that puts these back reads what stands here (MySQL sets columns one after the other).
       */
      statusBy: k.id('status_by'),
      statusBefore: k.str('status_before', 16),
      completedBefore: k.instant('completed_before'),
    },
    (t) => [
      // Wide, so that a sort by priority, title, position or deadline reads this index and not the rows.
      k
        .index('tasks_owner_all')
        .on(t.ownerId, t.trashed, t.id, t.status, t.priority, t.position, t.titleKey, t.deadline),
      k.index('tasks_owner_updated').on(t.ownerId, t.trashed, t.updatedAt, t.id),
      k.index('tasks_owner_due').on(t.ownerId, t.trashed, t.dueWall, t.id),
      k.index('tasks_project').on(t.projectId, t.trashed, t.position, t.id),
      k.index('tasks_parent_id').on(t.parentId, t.id),
      k.index('tasks_external_id').on(t.ownerId, t.externalId),
    ],
  )
export type Tasks = ReturnType<typeof tasks>

export const labels = (k: Kit, users: Users) =>
  k.table(
    'labels',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      name: k.str('name', 60).notNull(),
      color: k.str('color', 7),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      /** The same as that of a task. */
      madeOf: k.str('made_of', 64),
    },
    (t) => [k.uniqueIndex('labels_owner_name').on(t.ownerId, t.name)],
  )
export type Labels = ReturnType<typeof labels>

export const taskLabels = (k: Kit, tasks: Tasks, labels: Labels) =>
  k.table(
    'task_labels',
    {
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      labelId: k
        .id('label_id')
        .notNull()
        .references(() => labels.id, { onDelete: 'cascade' }),
    },
    (t) => [
      k.primaryKey({ columns: [t.taskId, t.labelId] }),
      k.index('task_labels_label_task').on(t.labelId, t.taskId),
    ],
  )
