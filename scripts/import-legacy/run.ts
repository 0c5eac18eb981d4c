// Reads another backend's tasks page by page, and writes them here, user by user.
import { createHash } from 'node:crypto'
import { type Ctx, onBehalfOf } from '../../src/core/context.ts'
import { DomainError } from '../../src/core/errors.ts'
import { derivedId } from '../../src/core/ids.ts'
import { makeImportedUser } from '../../src/features/account/index.ts'
import { findImported, type ImportedTask, importTasks } from '../../src/features/tasks/index.ts'
import type { Note } from './change.ts'
import type { Layout, TaskTable } from './layout.ts'
import { type Cells, pagesOf, readTags, tagsOf } from './pages.ts'
import { type Known, type Manner, type People, readPeople } from './people.ts'
import { type Counts, lineOf, noCounts } from './report.ts'
import { type Mapped, taskIn } from './row.ts'
import type { Source } from './source.ts'
import { decoded, idOf } from './values.ts'

/** What verbs need; `db` is that of the service. */
export type ImportCtx = Omit<Ctx, 'actor'> & {
  readonly credentials: { readonly externalBySub: boolean }
}

export type Import = {
  readonly source: Source
  readonly layout: Layout
  /** Undefined in a dry run on a database that is not there yet, or has no tables. */
  readonly ctx: ImportCtx | undefined
  readonly quota: number
  readonly manner: Manner
  readonly onlyNew: boolean
  readonly dry: boolean
  say(line: string): void
  progress(read: number): void
}

/** A task that is to be written, and its row. */
type Ready = {
  readonly row: string
  readonly mapped: Extract<Mapped, { readonly task: unknown }>
}
/** Tasks that are written in one batch. */
const CHUNK = 250
/** Users whose tasks are written at the same time. */
const USERS_AT_ONCE = 8

/** Imports everything that can be. Answers what was done. The same call again goes on. */
export const importAll = async (given: Import): Promise<Counts> => {
  const { source, layout, ctx, manner, onlyNew, say, progress } = given
  const counts = noCounts()
  const pages = pagesOf(source)
  const people = await readPeople({ ctx, manner, onlyNew, users: layout.users, pages })
  for (const table of layout.tasks) {
    const tags = tagsOf(layout.tags, table, layout.tasks.length > 1)
    for await (const rows of pages(table.name, table.id, table.columns)) {
      const names = await readTags(
        source,
        tags,
        rows.map((row) => row.get(table.id.name)),
      )
      const groups = await grouped({ rows, table, names, people, counts, say })
      for (let at = 0; at < groups.length; at += USERS_AT_ONCE) {
        const some = groups.slice(at, at + USERS_AT_ONCE)
        const lines = await Promise.all(
          some.map(([person, tasks]) => writeAll(given, { table, person, tasks, counts })),
        )
        for (const line of lines.flat()) say(line)
      }
      progress(counts.read)
    }
  }
  return counts
}

type Page = Pick<Import, 'say'> & {
  readonly rows: readonly Cells[]
  readonly table: TaskTable
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly people: People
  readonly counts: Counts
}

/** The rows of a page that are tasks here, by their users. */
const grouped = async ({ rows, table, names, people, counts, say }: Page) => {
  const groups = new Map<Known, Ready[]>()
  const now = Date.now()
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
    if ('refused' in mapped) refuse(mapped.refused)
    else groups.set(person, [...(groups.get(person) ?? []), { row, mapped }])
  }
  return [...groups]
}

type Group = {
  readonly table: TaskTable
  readonly person: Known
  readonly tasks: readonly Ready[]
  readonly counts: Counts
}

/** Writes a user's tasks of a page. Answers the lines of the report. */
const writeAll = async (
  given: Import,
  { table, person, tasks, counts }: Group,
): Promise<string[]> => {
  const owner = await ownerOf(given, person, counts)
  const lines: string[] = []
  for (let at = 0; at < tasks.length; at += CHUNK) {
    const chunk = new Map(
      tasks
        .slice(at, at + CHUNK)
        .map((ready) => [idFor(owner ?? 'a new account', table.name, ready), ready]),
    )
    lines.push(...(await writeChunk(given, { owner, table, person, chunk, counts })))
  }
  return lines
}

/** The id of the user's account, which is made where it is missing; undefined in a dry run. */
const ownerOf = async (
  { ctx, dry }: Import,
  person: Known,
  counts: Counts,
): Promise<string | undefined> => {
  const isFirst = !person.counted
  person.counted = true
  if (person.present) {
    if (isFirst) counts.usersFound++
    if (isFirst && 'email' in person.user && person.present.hasPassword) counts.byAddress++
    return person.present.id
  }
  if (isFirst) counts.usersMade++
  if (dry || !ctx) return undefined
  const id = await makeImportedUser(ctx, person.user)
  person.present = { id, tasks: 0, hasPassword: false }
  return id
}

/**
 * The same for the same row at each import, and another one for each account, so that rows of
 * different databases differ. Sorted by the time of the task, as ids that are made here are.
 */
const idFor = (owner: string, table: string, { row, mapped }: Ready): string => {
  const { created, task } = mapped
  const key = JSON.stringify([owner, table, row, created ?? task.title])
  const digits = createHash('sha256').update(key).digest('hex')
  const number = Number(row)
  const counter = Number.isSafeInteger(number) ? number : Number.parseInt(digits.slice(-3), 16)
  return derivedId(created ?? 0, counter % 4096, digits)
}

type Chunk = Omit<Group, 'tasks'> & {
  readonly owner: string | undefined
  readonly chunk: ReadonlyMap<string, Ready>
}

const writeChunk = async (
  { ctx, quota, dry }: Import,
  { owner, table, person, chunk, counts }: Chunk,
): Promise<string[]> => {
  const self = ctx && owner !== undefined ? onBehalfOf(ctx, owner) : undefined
  const there = self ? await findImported(self, [...chunk.keys()]) : new Set<string>()
  const fresh = [...chunk].filter(([id]) => !there.has(id))
  const room = Math.max(0, quota - (person.present?.tasks ?? 0) - person.planned)
  const within = fresh.slice(0, room)
  counts.present += chunk.size - fresh.length
  const refuse = (some: typeof fresh, reason: string): string[] => {
    counts.refused += some.length
    return some.map(([, { row }]) => lineOf(table.name, row, ` is not imported: ${reason}`))
  }
  const lines = refuse(fresh.slice(room), `its user has ${quota} tasks, the most of QUOTA_TASKS`)
  try {
    if (self && !dry && within.length > 0) await importTasks(self, within.map(taskOf))
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'quota_exceeded')) throw error
    return [...lines, ...refuse(within, `a quota of its user is used up. ${error.message}`)]
  }
  person.planned += within.length
  counts.imported += within.length
  counts.changed += within.filter(([, { mapped }]) => mapped.notes.length > 0).length
  const noted = ({ row, mapped }: Ready) =>
    mapped.notes.map(({ column, reason }: Note) =>
      lineOf(table.name, row, `: ${column}: ${reason}`),
    )
  return [...lines, ...within.flatMap(([, ready]) => noted(ready))]
}

const taskOf = ([id, { mapped }]: readonly [string, Ready]): ImportedTask => ({
  ...mapped.task,
  id,
})
