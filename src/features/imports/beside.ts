// What belongs to a task of a file, and is written behind all tasks: a row each.
import type { BesideItem, TaskItem } from './row.ts'

/** Of the task in the row with this number. */
export const besideOf = (item: TaskItem, task: number): BesideItem[] => [
  ...[...new Set(item.blocked_by)].map((parent) => ({ kind: 'blocker', parent, task }) as const),
  ...item.reminders.map(
    (trigger, at): BesideItem => ({
      kind: 'reminder',
      id: null,
      key: `${item.key} ${at}`,
      parent: item.key,
      trigger,
      created_at: item.created_at,
      updated_at: null,
    }),
  ),
  ...item.comments.map(
    ({ text, created_at }, at): BesideItem => ({
      kind: 'comment',
      id: null,
      key: `${item.key} ${at}`,
      parent: item.key,
      text,
      edited: false,
      created_at,
      updated_at: null,
    }),
  ),
]

export const withoutBeside = (item: TaskItem): TaskItem => ({
  ...item,
  blocked_by: [],
  reminders: [],
  comments: [],
})
