import { allow } from '../../core/access.ts'
import type { Ctx } from '../../core/context.ts'
import { unknownReference } from '../../core/errors.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { timeZoneOf } from '../../core/viewer.ts'
import { findTree } from '../projects/index.ts'
import { conditionsOf } from './filter.ts'
import { orderOf, pageOfTasks, placeOfTask } from './pages.ts'
import type { Task, TaskFilters } from './schemas.ts'
import { findTask } from './store.ts'

type Asked = TaskFilters & { limit: number; cursor?: string | undefined }

/** A page of the caller's tasks. Throws `invalid` for a project or parent that is not the caller's and for a foreign cursor. */
export const listTasks = async (ctx: Ctx, { limit, cursor, sort, ...filters }: Asked): Promise<Page<Task>> => {
  allow(ctx.actor, 'listTasks')
  const list = JSON.stringify({ sort, ...filters })
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  await expectOwn(ctx, filters)
  const order = orderOf(sort)
  const conditions = conditionsOf(filters, { nowMs: ctx.clock.now(), zone: await zoneFor(ctx, filters) })
  const tasks = await pageOfTasks(ctx, order, conditions, limit + 1, place)
  return pageOf(list, tasks, limit, (task) => placeOfTask(order, task))
}

const expectOwn = async (ctx: Ctx, { project_id = [], parent_id = [] }: Pick<TaskFilters, 'project_id' | 'parent_id'>): Promise<void> => {
  for (const id of new Set(project_id)) if (!(await findTree(ctx, id))) throw unknownReference('project_id', 'project')
  for (const id of new Set(parent_id)) if (id !== 'none' && !(await findTask(ctx, id))) throw unknownReference('parent_id', 'task')
}

/** The caller's time zone, read only where a filter asks what the clock on their wall shows. */
const zoneFor = (
  ctx: Ctx,
  { due_before, due_after, overdue }: Pick<TaskFilters, 'due_before' | 'due_after' | 'overdue'>,
): Promise<string> | string =>
  overdue !== undefined || (due_before && 'ms' in due_before) || (due_after && 'ms' in due_after) ? timeZoneOf(ctx) : 'UTC'
