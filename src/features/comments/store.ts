import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import type { Place } from '../../core/paging.ts'
import {
  actorIdOf,
  type OwnerId,
  ownerColumn,
  type Parties,
  partiesOf,
  readerIdOf,
} from '../../core/parties.ts'
import { lengthened, utf8Length } from '../../core/stored-bytes.ts'
import { canRead, canReadAmong, canWrite } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import {
  compile,
  everyColumn,
  placeholders,
  query,
  value,
  type Write,
  write,
} from '../../db/statement.ts'
import { inTask, shapeOf } from './row.ts'
import type { Comment } from './schemas.ts'

/** A comment to be changed, and whose its task is. */
export type OwnedComment = { readonly comment: Comment; readonly parties: Parties }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { comments } = t
  const shape = shapeOf(dialect)
  const seen = inTask(dialect)
  const byId = eq(comments.id, value(comments.id, 'id'))
  const page = (which: SQL, ...seek: SQL[]) =>
    query<Comment>(
      q
        .select(shape)
        .from(comments)
        .where(and(which, ...seek))
        .orderBy(asc(comments.id))
        .limit(sql.placeholder('limit')),
    )
  const behind = gt(comments.id, value(comments.id, 'id'))
  const ofTask = canReadAmong(seen, eq(comments.taskId, value(comments.taskId, 'task')))
  const atRev = canWrite(seen, byId, eq(comments.rev, value(comments.rev, 'was')))
  return {
    byId: query<Comment>(q.select(shape).from(comments).where(canRead(seen, byId))),
    toChange: query<Comment & { readonly ownerId: OwnerId }>(
      q
        .select({ ...shape, ownerId: ownerColumn(comments.ownerId) })
        .from(comments)
        .where(canRead(seen, byId)),
    ),
    first: page(ofTask),
    after: page(ofTask, behind),
    allAfter: page(canRead(seen), behind),
    insert: compile(q.insert(comments).values(everyColumn(comments))),
    update: compile(
      q
        .update(comments)
        .set(placeholders(['text', 'edited', 'rev', 'updatedAt']))
        .where(atRev),
    ),
    remove: compile(q.delete(comments).where(atRev)),
  }
})

export const findComment = (ctx: Ctx, id: string): Promise<Comment | undefined> =>
  ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })

export const findCommentToChange = async (
  ctx: Ctx,
  id: string,
): Promise<OwnedComment | undefined> => {
  const found = await ctx.db.one(statements(ctx.db).toChange, { reader: readerIdOf(ctx), id })
  if (!found) return undefined
  const { ownerId, ...comment } = found
  return { comment, parties: partiesOf(ownerId) }
}

/** The rows of a page whose texts may all be of the longest. */
const FEW_ROWS = 51

/** The comments on a task, the oldest first, from behind `place`. */
export const commentsOf = async (
  ctx: Ctx,
  task: string,
  limit: number,
  place: Place | undefined,
): Promise<Comment[]> => {
  const { first, after } = statements(ctx.db)
  const values = { reader: readerIdOf(ctx), task, limit, ...place }
  const { rows } = await readLong(ctx, place ? after : first, values, { short: limit <= FEW_ROWS })
  return rows
}

const PAGE = 50

/** All comments on a task, the oldest first. */
export const allCommentsOn = async function* (ctx: Ctx, task: string): AsyncGenerator<Comment[]> {
  let page: Comment[] = []
  do {
    const last = page.at(-1)
    page = await commentsOf(ctx, task, PAGE, last && { key: '', id: last.id })
    yield page
  } while (page.length === PAGE)
}

/** All comments that the caller sees, in the order of their ids, from behind one. */
export const allComments = (
  ctx: Ctx,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Comment[]> =>
  ctx.db.all(statements(ctx.db).allAfter, { reader: readerIdOf(ctx), id: after, limit })

export const insertComment = (ctx: Ctx, ownerId: OwnerId, comment: Comment): Write => {
  const row = {
    id: comment.id,
    ownerId,
    taskId: comment.task_id,
    text: comment.text,
    edited: comment.edited,
    createdBy: comment.created_by,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    rev: comment.rev,
  }
  return write(statements(ctx.db).insert, row, utf8Length(comment.text))
}

/** Touches no row when the comment is no longer at the revision of `before`. */
export const updateCommentRow = (ctx: Ctx, before: Comment, after: Comment): Write =>
  write(
    statements(ctx.db).update,
    {
      actor: actorIdOf(ctx),
      id: after.id,
      was: before.rev,
      text: after.text,
      edited: after.edited,
      rev: after.rev,
      updatedAt: after.updated_at,
    },
    lengthened(before.text, after.text),
  )

/** Touches no row when the comment is no longer at its revision. */
export const removeCommentRow = (ctx: Ctx, { id, rev, text }: Comment): Write =>
  write(statements(ctx.db).remove, { actor: actorIdOf(ctx), id, was: rev }, -utf8Length(text))
