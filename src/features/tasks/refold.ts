// The folded copies of titles and descriptions, held against the texts: earlier versions folded them
// otherwise.
import { eq } from 'drizzle-orm'
import { type LogEntry, logWindow } from '../../core/change-log.ts'
import type { Ctx } from '../../core/context.ts'
import { readLong } from '../../core/long-work.ts'
import { type OwnerId, readerIdOf } from '../../core/parties.ts'
import { lengthened } from '../../core/stored-bytes.ts'
import { foldForSearch } from '../../core/text.ts'
import { ofAccount, ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { haystackOf, titleKeyOf } from './row.ts'

type Texts = Readonly<
  Record<'id' | 'rev' | 'title' | 'titleKey' | 'description' | 'haystack', string>
>

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, tasks } = t
  const { behind, upToEntry } = logWindow(dialect)
  return {
    texts: query<Texts>(
      q
        .select({
          id: tasks.id,
          rev: tasks.rev,
          title: tasks.title,
          titleKey: tasks.titleKey,
          description: tasks.description,
          haystack: tasks.haystack,
        })
        .from(changes)
        .innerJoin(tasks, ownedAmong(tasks.ownerId, eq(tasks.id, changes.entityId)))
        .where(ofAccount(changes.readerId, behind, upToEntry)),
    ),
    refold: compile(
      q
        .update(tasks)
        .set(placeholders(['titleKey', 'haystack']))
        .where(
          ownedBy(
            tasks.ownerId,
            eq(tasks.id, value(tasks.id, 'id')),
            eq(tasks.rev, value(tasks.rev, 'was')),
          ),
        ),
    ),
  }
})

/** Tasks that are folded in a row: their texts may be long. */
const AT_ONCE = 4

/** The writes that fold texts of some tasks again, and the ids of these tasks. */
export type Refolding = { readonly fixes: readonly Write[]; readonly ids: readonly string[] }

/**
 * Looks at an owner's tasks that the change log names behind an entry and up to another one. A fix touches no
 * row where its task was changed meanwhile; it gives the task no new revision, because nothing
 * shows.
 */
export const refoldTasks = async (
  ctx: Ctx,
  owner: OwnerId,
  { behind, last }: { readonly behind: LogEntry; readonly last: LogEntry },
): Promise<Refolding> => {
  const { texts, refold } = statements(ctx.db)
  const { rows } = await readLong(ctx, texts, {
    reader: readerIdOf(ctx),
    owner,
    ...behind,
    upTo: last.seq,
    lastId: last.id,
  })
  const [fixes, ids]: [Write[], string[]] = [[], []]
  for (const [i, task] of rows.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, 0))
    const titleKey = titleKeyOf(task.title)
    const haystack = haystackOf(task.title, foldForSearch(task.description))
    if (titleKey === task.titleKey && haystack === task.haystack) continue
    const longer = lengthened(task.titleKey, titleKey) + lengthened(task.haystack, haystack)
    fixes.push(write(refold, { owner, id: task.id, was: task.rev, titleKey, haystack }, longer))
    ids.push(task.id)
  }
  return { fixes, ids }
}
