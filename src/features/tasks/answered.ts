// Tasks that were answered lately, by their revision: what is shown of a task changes with its `rev`
// only. A page that is asked for again takes ids and revisions from the database, and the rows of
// what has changed.
import { LRUCache } from 'lru-cache'
import type { Ctx } from '../../core/context.ts'
import { keepJson } from '../../core/kept-json.ts'
import { knownByName } from '../../core/known-by-name.ts'
import { readerIdOf } from '../../core/parties.ts'
import { perDatabase } from '../../db/database.ts'
import type { Query, Values } from '../../db/statement.ts'
import type { Reading } from './pages.ts'
import type { Task } from './schemas.ts'
import { findTasks } from './store.ts'

/** Characters of JSON that are kept, of all tasks together. */
const MAX_CHARACTERS = 2 * 1024 * 1024

const keptOf = perDatabase(() => new LRUCache<string, Task>({ maxSize: MAX_CHARACTERS }))
/** The pages that were asked for. */
const askedFor = knownByName<true>()

/**
 * Runs a query of a page: at once, or in the caller's turn where it may take long. `kind` tells the
 * queries of a page from each other.
 */
export type Read = <T>(query: Query<T>, values: Values, kind: string) => Promise<T[]>

/**
 * The tasks of a part of a page of few rows, in its order; `page` is what tells it from other pages
 * of the caller. What is answered may not be changed: it is kept for the next time.
 */
export const readAnswered = async (
  ctx: Ctx,
  page: string,
  reading: Reading,
  read: Read,
): Promise<Task[]> => {
  const [tasks, pages] = [keptOf(ctx.db), askedFor(ctx.db)]
  const name = `${readerIdOf(ctx)} ${reading.part} ${page}`
  if (!pages.get(name)) {
    pages.set(name, true)
    return readWhole(reading, read)
  }
  const { part, values } = reading
  const revisions = await read(reading.revisions(), values, `${part} revisions`)
  const changed = revisions.filter(({ id, rev }) => tasks.get(id)?.rev !== rev)
  const ids = changed.map(({ id }) => id)
  const rows = new Map<string, Task>()
  for (const task of ids.length > 0 ? await findTasks(ctx, ids) : []) {
    keep(ctx, task)
    rows.set(task.id, task)
  }
  const found = revisions.map(({ id, rev }) => {
    const task = rows.get(id) ?? tasks.peek(id)
    return task?.rev === rev ? task : undefined
  })
  // One has changed again between the two statements: the page is that of a third one.
  return found.every((task) => task !== undefined) ? found : readWhole(reading, read)
}

const readWhole = ({ part, whole, values }: Reading, read: Read): Promise<Task[]> =>
  read(whole, values, part)

const keep = (ctx: Ctx, task: Task): void => {
  keptOf(ctx.db).set(task.id, Object.freeze(task), { size: keepJson(task).length })
}
