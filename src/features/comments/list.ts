import type { Ctx } from '../../core/context.ts'
import { type Page, pageOf, placeOf } from '../../core/paging.ts'
import { getTask } from '../tasks/index.ts'
import type { Comment } from './schemas.ts'
import { commentsOf } from './store.ts'

type Asked = { readonly limit: number; readonly cursor?: string | undefined }

/** A page of the comments on a task, the oldest first. Throws `not_found`, `invalid` (cursor). */
export const listComments = async (
  ctx: Ctx,
  task: string,
  { limit, cursor }: Asked,
): Promise<Page<Comment>> => {
  const list = `comments ${task}`
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  await getTask(ctx, task)
  const rows = await commentsOf(ctx, task, limit + 1, place)
  return pageOf(list, rows, limit, ({ id }) => ({ key: '', id }))
}
