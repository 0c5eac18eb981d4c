// Tasks that were answered lately, by their revision: what is shown of a task changes with its `rev`
// only. A page that is asked for again takes ids and revisions from the database, and the rows of
// what has changed.
import { LRUCache } from 'lru-cache'
import type { Ctx } from '../../core/context.ts'
import { keepJson } from '../../core/kept-json.ts'
import { readerIdOf } from '../../core/parties.ts'
import { perDatabase } from '../../db/database.ts'
import type { Query, Values } from '../../db/statement.ts'
import type { Reading } from './pages.ts'
import type { Task } from './schemas.ts'
import { findTasks } from './store.ts'

/** Characters of JSON that are kept, of all tasks together. */
const MAX_CHARACTERS = 2 * 1024 * 1024
/** Characters of the names of pages that were asked for. */
const MAX_NAMES = 1024 * 1024
/** Where more tasks of a page have changed, all of it is read. */
const MAX_CHANGED = 8

const keptOf = perDatabase(() => ({
  tasks: new LRUCache<string, Task>({ maxSize: MAX_CHARACTERS }),
  pages: new LRUCache<string, true>({ maxSize: MAX_NAMES }),
}))

/** Runs a query of a page: at once, or in the caller's turn where it may take long. */
export type Read = <T>(query: Query<T>, values: Values) => Promise<T[]>

/**
 * The tasks of a part of a page, in its order; `page` is what tells it from other pages of the
 * caller. What is answered may not be changed: it is kept for the next time.
 */
export const readAnswered = async (
  ctx: Ctx,
  page: string,
  reading: Reading,
  read: Read,
): Promise<Task[]> => {
  const { tasks, pages } = keptOf(ctx.db)
  const name = `${readerIdOf(ctx)} ${reading.part} ${page}`
  if (!pages.get(name)) {
    pages.set(name, true, { size: name.length })
    return read(reading.whole, reading.values)
  }
  const revisions = await read(reading.revisions(), reading.values)
  const changed = revisions.filter(({ id, rev }) => tasks.get(id)?.rev !== rev)
  if (changed.length > MAX_CHANGED) return readWhole(ctx, reading, read)
  if (changed.length > 0) {
    const ids = changed.map(({ id }) => id)
    for (const task of await findTasks(ctx, ids)) keep(ctx, task)
  }
  const found = revisions.map(({ id, rev }) => {
    const task = tasks.peek(id)
    return task?.rev === rev ? task : undefined
  })
  // One has changed again between the two statements: the page is that of a third one.
  return found.every((task) => task !== undefined) ? found : readWhole(ctx, reading, read)
}

const readWhole = async (ctx: Ctx, { whole, values }: Reading, read: Read): Promise<Task[]> => {
  const page = await read(whole, values)
  for (const task of page) keep(ctx, task)
  return page
}

const keep = (ctx: Ctx, task: Task): void => {
  keptOf(ctx.db).tasks.set(task.id, Object.freeze(task), { size: keepJson(task).length })
}
