// Reads another backend's tasks page by page, and writes them here, user by user.
import { type Clock, systemClock } from '../../src/core/clock.ts'
import type { Layout, TaskTable } from './layout.ts'
import { type Cells, pagesOf, readTags, tagsOf } from './pages.ts'
import { type Known, type Manner, type People, readPeople } from './people.ts'
import { type Counts, lineOf, noCounts } from './report.ts'
import { taskIn } from './row.ts'
import type { Source } from './source.ts'
import { decoded, idOf } from './values.ts'
import { type Ready, type Writing, writeGroups } from './write.ts'

export type Import = Writing & {
  readonly source: Source
  readonly layout: Layout
  readonly manner: Manner
  readonly intoExisting: boolean
  progress(read: number): void
}

/** Imports everything that can be. Answers what was done. The same call again goes on. */
export const importAll = async (given: Import): Promise<Counts> => {
  const { source, layout, ctx, manner, intoExisting, say, progress } = given
  const counts = noCounts()
  const pages = pagesOf(source)
  const clock = ctx?.clock ?? systemClock
  const people = await readPeople({ ctx, manner, intoExisting, users: layout.users, pages })
  for (const table of layout.tasks) {
    const tags = tagsOf(layout.tags, table, layout.tasks.length > 1)
    let held: Held = { groups: new Map(), rows: 0 }
    const flush = async () => {
      await writeGroups(given, { table, groups: [...held.groups], counts })
      held = { groups: new Map(), rows: 0 }
    }
    for await (const rows of pages(table.name, table.id, table.columns)) {
      const ids = rows.map((row) => row.get(table.id.name))
      const names = await readTags(source, tags, ids)
      await hold(held, { rows, table, names, people, counts, say, clock })
      if (held.rows >= MOST_HELD) await flush()
      progress(counts.read)
    }
    await flush()
  }
  return counts
}

/** Tasks that wait until there are many of their users: one batch has those of one user. */
type Held = { readonly groups: Map<Known, Ready[]>; rows: number }
const MOST_HELD = 5_000

type Page = Pick<Import, 'say'> & {
  readonly rows: readonly Cells[]
  readonly table: TaskTable
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly people: People
  readonly counts: Counts
  readonly clock: Clock
}

/** Adds the rows of a page that are tasks here to those of their users. */
const hold = async (
  held: Held,
  { rows, table, names, people, counts, say, clock }: Page,
): Promise<void> => {
  const now = clock.now()
  for (const cells of rows) {
    counts.read++
    const row = idOf(cells.get(table.id.name), table.id)
    const refuse = (reason: string) => {
      counts.refused++
      say(lineOf(table.name, row, ` is not imported: ${reason}`))
    }
    const user = cells.get(table.user.name)
    if (user === null || user === undefined) {
      refuse('it belongs to no user')
      continue
    }
    const person = await people.of(idOf(user, table.user))
    if ('refused' in person) {
      refuse(person.refused)
      continue
    }
    const values = new Map(
      table.columns.map((column) => [column.name, decoded(cells.get(column.name), column)]),
    )
    const mapped = taskIn(values, { table, id: row, tags: names.get(row) ?? [], now })
    if ('refused' in mapped) {
      refuse(mapped.refused)
      continue
    }
    const group = held.groups.get(person) ?? []
    group.push({ row, mapped })
    held.groups.set(person, group)
    held.rows++
  }
}
