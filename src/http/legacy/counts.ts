// What dashboards of the family ask for: counts of tasks.
import type { Ctx } from '../../core/context.ts'
import { countTasksByKind, isDone } from '../../features/tasks/index.ts'

/** Counts under the names that the family uses; the rate is a percentage. */
export const countsOf = async (ctx: Ctx) => {
  const kinds = await countTasksByKind(ctx)
  const sum = (of: (kind: (typeof kinds)[number]) => boolean): number =>
    kinds.filter(of).reduce((total, { tasks }) => total + tasks, 0)
  const total = sum(() => true)
  const completed = sum(({ status }) => isDone(status))
  const pending = total - completed
  const overdue = kinds.reduce((late, kind) => late + kind.overdue, 0)
  const rate = total === 0 ? 0 : Math.round((completed * 1_000) / total) / 10
  const by = (name: (typeof kinds)[number]['priority']) => sum(({ priority }) => priority === name)
  return {
    total,
    completed,
    pending,
    in_progress: sum(({ status }) => status === 'in_progress'),
    overdue,
    completion_rate: rate,
    by_priority: {
      none: by('none'),
      low: by('low'),
      medium: by('medium'),
      high: by('high'),
      urgent: by('urgent'),
    },
    total_tasks: total,
    completed_tasks: completed,
    pending_tasks: pending,
    overdue_tasks: overdue,
  }
}
