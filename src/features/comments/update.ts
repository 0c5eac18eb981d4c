import { type Ctx, nowAfter } from '../../core/context.ts'
import { patched } from '../../core/patch.ts'
import type { Revisions } from '../../core/precondition.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { changeableTask, holdLiveTask } from '../tasks/index.ts'
import { changeableComment } from './get.ts'
import { commentEvent } from './happened.ts'
import type { Comment, CommentPatch } from './schemas.ts'
import { updateCommentRow } from './store.ts'

type Update = { readonly id: string; readonly ifMatch: Revisions; readonly patch: CommentPatch }

/**
 * Changes the text of a comment, which is edited from then on. Throws `not_found`, `not_author`,
 * `trashed` (its task), `precondition_failed`, `quota_exceeded`.
 */
export const updateComment = (ctx: Ctx, { id, ifMatch, patch }: Update): Promise<Comment> =>
  retrying(ctx, async () => {
    const { comment, parties } = await changeableComment(ctx, id, ifMatch)
    const { task } = await changeableTask(ctx, comment.task_id, undefined)
    const { text } = patched(comment, patch)
    if (text === comment.text) return { unchanged: comment }
    const edited: Comment = {
      ...comment,
      text,
      edited: true,
      updated_at: nowAfter(ctx, comment.updated_at),
      rev: ctx.ids.next(),
    }
    return {
      parties,
      writes: [updateCommentRow(ctx, comment, edited), holdLiveTask(ctx, comment.task_id)],
      changes: [
        { entity: 'comment', id, event: commentEvent('comment.updated', task, { text: {} }) },
      ],
      mustTouch: [0, 1],
      result: edited,
    }
  })
