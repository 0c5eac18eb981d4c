import type { Ctx } from '../../core/context.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { changeableTask, countComments } from '../tasks/index.ts'
import { changeableComment } from './get.ts'
import { commentEvent } from './happened.ts'
import { removeCommentRow } from './store.ts'

/**
 * Deletes a comment for good; its task shows one less. Throws `not_found`, `not_author`, `trashed`
 * (its task), `precondition_failed`.
 */
export const deleteComment = (
  ctx: Ctx,
  { id, ifMatch }: { readonly id: string; readonly ifMatch: Revisions },
): Promise<void> =>
  retrying(ctx, async () => {
    const { comment, parties } = await changeableComment(ctx, id, ifMatch)
    const { task } = await changeableTask(ctx, comment.task_id, undefined)
    const counted = countComments(ctx, comment.task_id, -1)
    return {
      parties,
      writes: [removeCommentRow(ctx, comment), ...counted.writes],
      changes: [
        { entity: 'comment', id, gone: true, event: commentEvent('comment.deleted', task, {}) },
        ...counted.changes,
      ],
      mustTouch: [0, 1],
      result: undefined,
    }
  })
