// What dashboards of the family ask for: counts of tasks, and the tags in use.
import type { Ctx } from '../../core/context.ts'
import type { Task } from '../../features/tasks/index.ts'
import { tasksOf } from './list.ts'
import { isDone } from './words.ts'

const eachTask = async (ctx: Ctx, look: (task: Task) => void, only = {}): Promise<void> => {
  const everything = { passes: [undefined], keeps: () => true }
  const filters = { sort: 'created_at' as const, ...only }
  for await (const tasks of tasksOf(ctx, { ...everything, filters }))
    for (const task of tasks) look(task)
}

/** Counts under the names that the family uses; the rate is a percentage. */
export const countsOf = async (ctx: Ctx) => {
  const priorities = { none: 0, low: 0, medium: 0, high: 0, urgent: 0 }
  let total = 0
  let completed = 0
  let inProgress = 0
  await eachTask(ctx, ({ status, priority }) => {
    total++
    priorities[priority]++
    if (isDone(status)) completed++
    else if (status === 'in_progress') inProgress++
  })
  let overdue = 0
  await eachTask(ctx, () => overdue++, { overdue: true })
  const pending = total - completed
  const rate = total === 0 ? 0 : Math.round((completed * 1_000) / total) / 10
  return {
    total,
    completed,
    pending,
    in_progress: inProgress,
    overdue,
    completion_rate: rate,
    by_priority: priorities,
    total_tasks: total,
    completed_tasks: completed,
    pending_tasks: pending,
    overdue_tasks: overdue,
  }
}

/** The names of the tags that tasks have, in order. */
export const tagsOf = async (ctx: Ctx): Promise<string[]> => {
  const tags = new Set<string>()
  await eachTask(ctx, ({ labels }) => {
    for (const label of labels) tags.add(label)
  })
  return [...tags].sort()
}
