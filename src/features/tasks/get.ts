import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import type { Task } from './schemas.ts'
import { findTask } from './store.ts'

/** The caller's task of this id, also from the trash. Throws `not_found`. */
export const existingTask = async (ctx: Ctx, id: string): Promise<Task> => {
  const task = await findTask(ctx, id)
  if (!task) throw notFound('task')
  return task
}

/**
 * The same, to be changed: throws `precondition_failed` at another revision, `trashed` in the
 * trash.
 */
export const changeableTask = async (ctx: Ctx, id: string, ifMatch: Revisions): Promise<Task> => {
  const task = await existingTask(ctx, id)
  expectRevision('task', ifMatch, task)
  if (task.deleted_at !== null)
    throw new DomainError('trashed', 'The task is in the trash. Restore it first.')
  return task
}

/** Throws `not_found`. */
export const getTask = (ctx: Ctx, id: string): Promise<Task> => {
  return existingTask(ctx, id)
}
