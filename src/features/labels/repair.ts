// Names of labels in the rows of tasks, held against the links: versions from before the names were
// there wrote links alone.
import { asc, eq, ne, type SQL, sql } from 'drizzle-orm'
import { chunkRows } from '../../core/bulk-kinds.ts'
import { type LogEntry, logWindow, revision } from '../../core/change-log.ts'
import { type Ctx, now } from '../../core/context.ts'
import { groupBy } from '../../core/group-by.ts'
import { readLong } from '../../core/long-work.ts'
import { accountIdOf, readerIdOf } from '../../core/parties.ts'
import { labelsLength } from '../../core/stored-bytes.ts'
import { ofAccount, ownedAmong, ownedBy } from '../../core/visibility.ts'
import { perDialect } from '../../db/database.ts'
import { compile, placeholders, query, value, type Write, write } from '../../db/statement.ts'
import { NO_NAME } from './row.ts'

type Shown = LogEntry & { readonly rev: string; readonly labels: string[] | null }

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { changes, tasks, taskLabels, labels } = t
  const { behind, upTo, upToEntry } = logWindow(dialect)
  const logged = (...further: (SQL | undefined)[]) =>
    ofAccount(changes.readerId, behind, ...further)
  return {
    shown: query<Shown>(
      q
        .select({ seq: changes.seq, id: tasks.id, rev: tasks.rev, labels: tasks.labels })
        .from(changes)
        .innerJoin(tasks, ownedAmong(tasks.ownerId, eq(tasks.id, changes.entityId)))
        .where(logged(upTo))
        .orderBy(asc(changes.seq), asc(changes.entityId))
        .limit(sql.placeholder('limit')),
    ),
    linked: query<{ id: string; name: string }>(
      q
        .select({ id: taskLabels.taskId, name: labels.name })
        .from(changes)
        .innerJoin(taskLabels, eq(taskLabels.taskId, changes.entityId))
        .innerJoin(labels, eq(labels.id, taskLabels.labelId))
        .where(logged(upToEntry, ne(labels.name, NO_NAME))),
    ),
    show: compile(
      q
        .update(tasks)
        .set({ ...placeholders(['labels']), ...revision(dialect) })
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

/**
 * The writes that put right what some tasks (`ids`) show, a new revision each. `last`: the last entry that
 * was looked at; `next`: the same, where others are to be looked at behind it.
 */
export type Repair = {
  readonly fixes: readonly Write[]
  readonly ids: readonly string[]
  readonly last: LogEntry | undefined
  readonly next: LogEntry | undefined
}

/**
 * Looks at tasks that the change log names behind an entry and up to `upTo`, half a chunk of them.
 * A fix touches no row where its task was changed meanwhile.
 */
export const repairNames = async (ctx: Ctx, behind: LogEntry, upTo: number): Promise<Repair> => {
  const [reader, owner, limit] = [readerIdOf(ctx), accountIdOf(ctx), Math.ceil(chunkRows(ctx) / 2)]
  const { shown, linked } = statements(ctx.db)
  const { rows } = await readLong(ctx, shown, { reader, owner, ...behind, upTo, limit })
  const last = rows.at(-1)
  if (!last) return { fixes: [], ids: [], last, next: undefined }
  // Behind the tasks: a change in between shows in the revision that the fix names.
  const links = await readLong(ctx, linked, { reader, ...behind, upTo: last.seq, lastId: last.id })
  const names = groupBy(links.rows, ({ id }) => id)
  const wrong = rows
    .map((task) => ({
      ...task,
      labels: task.labels ?? [],
      names: (names.get(task.id) ?? []).map(({ name }) => name),
    }))
    .filter(({ labels, names }) => JSON.stringify(labels.sort()) !== JSON.stringify(names.sort()))
  const fixes = wrong.map(({ id, rev, labels, names }) =>
    write(
      statements(ctx.db).show,
      {
        owner,
        id,
        was: rev,
        rev: ctx.ids.next(),
        updatedAt: now(ctx),
        labels: names.length > 0 ? names : null,
      },
      labelsLength(names) - labelsLength(labels),
    ),
  )
  return {
    fixes,
    ids: wrong.map(({ id }) => id),
    last,
    next: rows.length < limit ? undefined : last,
  }
}
