import type { Ctx } from '../../core/context.ts'
import { DomainError, notFound } from '../../core/errors.ts'
import { actorIdOf, isSameUser } from '../../core/parties.ts'
import { expectRevision, type Revisions } from '../../core/precondition.ts'
import type { Comment } from './schemas.ts'
import { findComment, findCommentToChange, type OwnedComment } from './store.ts'

/** A comment that the caller sees, also on a task in the trash. Throws `not_found`. */
export const getComment = async (ctx: Ctx, id: string): Promise<Comment> => {
  const comment = await findComment(ctx, id)
  if (!comment) throw notFound('comment')
  return comment
}

/** One that the caller may change. Throws `not_found`, `not_author`, `precondition_failed`. */
export const changeableComment = async (
  ctx: Ctx,
  id: string,
  ifMatch: Revisions,
): Promise<OwnedComment> => {
  const owned = await findCommentToChange(ctx, id)
  if (!owned) throw notFound('comment')
  if (!isSameUser(owned.comment.created_by, actorIdOf(ctx)))
    throw new DomainError('not_author', 'Only its author may change or delete a comment.')
  expectRevision('comment', ifMatch, owned.comment)
  return owned
}
