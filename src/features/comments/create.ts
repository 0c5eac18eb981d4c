import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { actorIdOf } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import { changeableTask, countComments, MAX_COMMENTS } from '../tasks/index.ts'
import { commentEvent } from './happened.ts'
import type { Comment, NewComment } from './schemas.ts'
import { insertComment } from './store.ts'

/**
 * Comments on a task, which shows one comment more. Throws `not_found`, `trashed`,
 * `quota_exceeded`.
 */
export const createComment = (ctx: Ctx, taskId: string, { text }: NewComment): Promise<Comment> =>
  retrying(ctx, async () => {
    const { task, parties } = await changeableTask(ctx, taskId, undefined)
    if (task.comment_count >= MAX_COMMENTS)
      throw new DomainError('quota_exceeded', `A task has at most ${MAX_COMMENTS} comments.`)
    const at = now(ctx)
    const comment: Comment = {
      id: ctx.ids.next(),
      task_id: task.id,
      text,
      edited: false,
      created_by: actorIdOf(ctx),
      created_at: at,
      updated_at: at,
      rev: ctx.ids.next(),
    }
    const counted = countComments(ctx, task.id, 1)
    return {
      parties,
      writes: [...counted.writes, insertComment(ctx, parties.ownerId, comment)],
      changes: [
        ...counted.changes,
        {
          entity: 'comment',
          id: comment.id,
          event: commentEvent('comment.created', task, { text: {} }),
        },
      ],
      mustTouch: [0],
      result: comment,
    }
  })
