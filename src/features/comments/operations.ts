import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { createComment } from './create.ts'
import { deleteComment } from './delete.ts'
import { getComment } from './get.ts'
import { listComments } from './list.ts'
import { Comment, CommentPatch, NewComment } from './schemas.ts'
import { updateComment } from './update.ts'

const read = withScope('tasks:read')
const write = withScope('tasks:write')
const comment = (description: string) => ({ description, schema: Comment })

export const commentOperations = [
  defineOperation({
    id: 'listComments',
    summary: 'List the comments on a task',
    description: 'The oldest first; also on a task in the trash.',
    access: read,
    takesId: true,
    query: z.object(pageQuery).strict(),
    output: { description: 'A page of comments.', schema: pageSchema('CommentPage', Comment) },
    run: (ctx, { id, query }) => listComments(ctx, id, query),
  }),
  defineOperation({
    id: 'createComment',
    summary: 'Comment on a task',
    access: write,
    takesId: true,
    body: NewComment,
    idempotent: true,
    output: comment('The new comment.'),
    refuses: ['trashed', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { id, body }) => createComment(ctx, id, body),
  }),
  defineOperation({
    id: 'getComment',
    summary: 'Read a comment',
    access: read,
    takesId: true,
    output: comment('The comment.'),
    run: (ctx, { id }) => getComment(ctx, id),
  }),
  defineOperation({
    id: 'updateComment',
    summary: 'Change a comment',
    description: 'By its author. From then on it is `edited`.',
    access: write,
    takesId: true,
    body: CommentPatch,
    ifMatch: 'optional',
    output: comment('The changed comment.'),
    refuses: ['not_author', 'trashed', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { id, ifMatch, body }) => updateComment(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteComment',
    summary: 'Delete a comment',
    description: 'By its author, and for good: comments have no trash.',
    access: write,
    takesId: true,
    ifMatch: 'optional',
    output: { description: 'Deleted.' },
    refuses: ['not_author', 'trashed', 'write_conflict'],
    run: (ctx, { id, ifMatch }) => deleteComment(ctx, { id, ifMatch }),
  }),
] as const
