import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import type { Task } from './schemas.ts'
import { findTask, findTaskToChange, type OwnedTask } from './store.ts'

/**
 * A task to be changed, also from the trash, and whose it is. Throws `not_found`,
 * `precondition_failed`.
 */
export const existingTask = async (
  ctx: Ctx,
  id: string,
  ifMatch: Revisions,
): Promise<OwnedTask> => {
  const owned = await findTaskToChange(ctx, id)
  if (!owned) throw notFound('task')
  expectRevision('task', ifMatch, owned.task)
  return owned
}

/** The same, but throws `trashed` in the trash. */
export const changeableTask = async (
  ctx: Ctx,
  id: string,
  ifMatch: Revisions,
): Promise<OwnedTask> => {
  const owned = await existingTask(ctx, id, ifMatch)
  if (owned.task.deleted_at !== null)
    throw new DomainError('trashed', 'The task is in the trash. Restore it first.')
  return owned
}

/** The caller's task of this id, also from the trash. Throws `not_found`. */
export const getTask = async (ctx: Ctx, id: string): Promise<Task> => {
  const task = await findTask(ctx, id)
  if (!task) throw notFound('task')
  return task
}
