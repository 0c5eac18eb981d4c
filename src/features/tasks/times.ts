// When a new task was made and completed, as the client that made it offline knows.
import { expectPast, notAfter, timeOfId } from '../../core/client-ids.ts'
import type { Ctx } from '../../core/context.ts'
import { invalid } from '../../core/errors.ts'
import { idAt } from '../../core/ids.ts'
import type { NewTask } from './schemas.ts'

type Born = {
  readonly id: string
  readonly created_at: string
  readonly completed_at: string | null
  /** An id by which it is placed behind all other tasks. */
  readonly order: string
}

/**
 * The id and the times of a new task; `at` is the present. Lists sort by the id, so an id that is
 * made here for a task of the past is one of that time. Throws `invalid`.
 */
export const bornAt = (
  ctx: Ctx,
  { id: given, created_at: createdMs, completed_at: completedMs, status }: NewTask,
  at: string,
): Born => {
  const order = ctx.ids.next()
  const isCompleted = status === 'completed'
  if (given === undefined && createdMs === undefined && completedMs === undefined)
    return { id: order, created_at: at, completed_at: isCompleted ? at : null, order }
  if (createdMs !== undefined) expectPast(ctx, 'created_at', createdMs)
  const created = createdMs ?? (given === undefined ? undefined : timeOfId(given))
  const created_at = created === undefined ? at : notAfter(at, created)
  const id = given ?? (created === undefined ? order : idAt(created, order))
  if (completedMs === undefined)
    return { id, created_at, completed_at: isCompleted ? at : null, order }
  if (!isCompleted) throw timeFault('not_completed', 'Only a completed task has completed_at.')
  expectPast(ctx, 'completed_at', completedMs)
  const completed_at = notAfter(at, completedMs)
  if (completed_at < created_at)
    throw timeFault('before_created', 'completed_at lies before created_at; name that too.')
  return { id, created_at, completed_at, order }
}

const timeFault = (code: string, detail: string) => invalid({ at: ['completed_at'], code, detail })
