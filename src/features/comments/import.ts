// Comments that were made elsewhere, with their times: for imports, never for a request about one.
import type { Ctx } from '../../core/context.ts'
import { actorIdOf } from '../../core/parties.ts'
import { retrying } from '../../core/unit-of-work.ts'
import type { Write } from '../../db/statement.ts'
import { countComments, existingTask } from '../tasks/index.ts'
import type { Comment, NewComment } from './schemas.ts'
import { findComment, insertComment } from './store.ts'

/** A comment that knows its id, and when it was made and changed. */
type ImportedComment = NewComment & Pick<Comment, 'id' | 'edited' | 'created_at' | 'updated_at'>

/**
 * Makes those of these comments (250 at most) on a task of the caller that are not there yet, also
 * in the trash, in one batch, with the caller as their author. Answers how many. Throws `not_found`,
 * `quota_exceeded`, and `write_conflict` where the task would have too many.
 */
export const importComments = (
  ctx: Ctx,
  taskId: string,
  given: readonly ImportedComment[],
): Promise<number> =>
  retrying(ctx, async () => {
    const { parties } = await existingTask(ctx, taskId, undefined)
    const fresh: ImportedComment[] = []
    for (const comment of given) if (!(await findComment(ctx, comment.id))) fresh.push(comment)
    if (fresh.length === 0) return { unchanged: 0 }
    const counted = countComments(ctx, taskId, fresh.length, { alsoTrashed: true })
    const inserts: Write[] = fresh.map((comment) =>
      insertComment(ctx, parties.ownerId, {
        ...comment,
        task_id: taskId,
        created_by: actorIdOf(ctx),
        rev: ctx.ids.next(),
      }),
    )
    return {
      parties,
      writes: [...counted.writes, ...inserts],
      changes: [
        ...counted.changes,
        ...fresh.map(({ id }) => ({ entity: 'comment', id, event: null }) as const),
      ],
      mustTouch: [0],
      result: fresh.length,
    }
  })
