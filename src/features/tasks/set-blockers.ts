// What a task waits for, as a file says it: also of a task in the trash, which no request changes.
import { type Ctx, now } from '../../core/context.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { awaitTasks } from '../blockers/index.ts'
import { findTaskToChange, updateTaskRow } from './store.ts'
import { MAX_BLOCKERS } from './structure-schemas.ts'

/**
 * Makes a task wait for these as well. Throws `not_found`, and `invalid` for a circle and more than
 * the limits allow.
 */
export const setBlockers = (ctx: Ctx, id: string, blockers: readonly string[]): Promise<void> =>
  retrying(ctx, async () => {
    const owned = await findTaskToChange(ctx, id)
    if (!owned) throw notFound('task')
    const { task, parties } = owned
    const wanted = [...new Set([...task.blocked_by, ...blockers])].sort()
    if (wanted.length === task.blocked_by.length) return { unchanged: undefined }
    if (wanted.length > MAX_BLOCKERS)
      throw invalid({
        at: ['blocked_by'],
        code: 'too_many',
        detail: `A task waits for ${MAX_BLOCKERS} others at most.`,
      })
    const { ownerId } = parties
    const asked = { ownerId, id, before: task.blocked_by, wanted }
    const { blocked, guards, links } = await awaitTasks(ctx, asked)
    const after = {
      ...task,
      blocked_by: wanted,
      blocked,
      rev: ctx.ids.next(),
      updated_at: now(ctx),
    }
    const writes = [...guards, updateTaskRow(ctx, task, after)]
    return {
      parties,
      writes: [...writes, ...links],
      mustTouch: writes.map((_, at) => at),
      changes: [{ entity: 'task', id, event: null }],
      result: undefined,
    }
  })
