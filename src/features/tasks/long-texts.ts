// Users whose pages of tasks are large, because the descriptions are: fifty of the longest take ten
// times as long to read as fifty thousand short ones take to look through.
import { LRUCache } from 'lru-cache'
import type { Ctx } from '../../core/context.ts'
import { readerIdOf } from '../../core/parties.ts'
import { perDatabase } from '../../db/database.ts'
import type { Task } from './schemas.ts'

const MAX_USERS = 10_000
/** Characters of the descriptions on a page that may be read between the requests of others. */
const SHORT_PAGE = 500_000

const usersIn = perDatabase(
  () => new LRUCache<string, true>({ maxSize: MAX_USERS, sizeCalculation: () => 1 }),
)

/** Was the caller's last page of tasks a large one? */
export const hasLongTexts = (ctx: Ctx): boolean => usersIn(ctx.db).has(readerIdOf(ctx))

/** Notes how large a page was. */
export const noteTexts = (ctx: Ctx, page: readonly Task[]): void => {
  let characters = 0
  for (const { description } of page) characters += description.length
  if (characters > SHORT_PAGE) usersIn(ctx.db).set(readerIdOf(ctx), true)
  else if (hasLongTexts(ctx)) usersIn(ctx.db).delete(readerIdOf(ctx))
}
