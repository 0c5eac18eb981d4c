// Writes the tasks of another backend here, user by user.
import { createHash } from 'node:crypto'
import { type Ctx, onBehalfOf } from '../../src/core/context.ts'
import { DomainError } from '../../src/core/errors.ts'
import { derivedId } from '../../src/core/ids.ts'
import {
  findImportedUser,
  makeImportedUser,
  type PresentUser,
} from '../../src/features/account/index.ts'
import { findImported, type ImportedTask, importTasks } from '../../src/features/tasks/index.ts'
import type { Note } from './change.ts'
import type { TaskTable } from './layout.ts'
import type { Known } from './people.ts'
import { type Counts, lineOf } from './report.ts'
import type { Mapped } from './row.ts'

/** What verbs need; `db` is that of the service. */
type ImportCtx = Omit<Ctx, 'actor'> & { readonly credentials: { readonly externalBySub: boolean } }

/** Where tasks are brought, and how. */
export type Writing = {
  /** Undefined in a dry run on a database that is not there yet, or has no tables. */
  readonly ctx: ImportCtx | undefined
  readonly quota: number
  readonly dry: boolean
  say(line: string): void
}

/** A task that is to be written, and its row. */
export type Ready = {
  readonly row: string
  readonly mapped: Extract<Mapped, { readonly task: unknown }>
}
/** Tasks that are written in one batch. */
const CHUNK = 250
/** Users whose tasks are written at the same time. */
const USERS_AT_ONCE = 8

type Groups = Omit<Group, 'person' | 'tasks'> & {
  readonly groups: readonly (readonly [Known, readonly Ready[]])[]
}

/** Writes tasks by their users, several users at a time. */
export const writeGroups = async (
  given: Writing,
  { table, groups, counts }: Groups,
): Promise<void> => {
  for (let at = 0; at < groups.length; at += USERS_AT_ONCE) {
    const some = groups.slice(at, at + USERS_AT_ONCE)
    // All come to their end before the database is closed.
    const ends = await Promise.allSettled(
      some.map(([person, tasks]) => writeAll(given, { table, person, tasks, counts })),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

type Group = {
  readonly table: TaskTable
  readonly person: Known
  readonly tasks: readonly Ready[]
  readonly counts: Counts
}

/** Writes a user's tasks of a page, and says the lines of each batch once it is written. */
const writeAll = async (given: Writing, { table, person, tasks, counts }: Group): Promise<void> => {
  const owner = await ownerOf(given, person, counts)
  for (let at = 0; at < tasks.length; at += CHUNK) {
    const chunk = new Map(
      tasks
        .slice(at, at + CHUNK)
        .map((ready) => [idFor(owner ?? 'a new account', table.name, ready), ready]),
    )
    for (const line of await writeChunk(given, { owner, table, person, chunk, counts }))
      given.say(line)
  }
}

/** The id of the user's account, which is made where it is missing; undefined in a dry run. */
const ownerOf = async (
  { ctx, dry }: Writing,
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
  person.present = await made(ctx, person)
  return person.present.id
}

/** A new account, or the one that another import has made at this moment. */
const made = async (ctx: ImportCtx, { user }: Known): Promise<PresentUser> => {
  try {
    return { id: await makeImportedUser(ctx, user), tasks: 0, hasPassword: false }
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'email_taken')) throw error
    const present = await findImportedUser(ctx, user)
    // A person has registered with it at this moment: the next import decides anew.
    if (!present || present.hasPassword) throw error
    return present
  }
}

/**
 * The same for the same row at each import, and another one for each account, so that rows of
 * different databases differ. Sorted by the time of the task, as ids that are made here are.
 */
const idFor = (owner: string, table: string, { row, mapped }: Ready): string => {
  const { written } = mapped
  const key = JSON.stringify([owner, table, row, written])
  const at = typeof written === 'number' ? written : 0
  const digits = createHash('sha256').update(key).digest('hex')
  const number = Number(row)
  return /^\d{1,9}$/.test(row)
    ? derivedId(Math.max(0, at) + Math.floor(number / COUNTERS), number % COUNTERS, digits)
    : derivedId(at, Number.parseInt(digits.slice(-3), 16), digits)
}
/** Ids of one millisecond: what was written in one has the order of its numbers. */
const COUNTERS = 4096

type Chunk = Omit<Group, 'tasks'> & {
  readonly owner: string | undefined
  readonly chunk: ReadonlyMap<string, Ready>
}

const writeChunk = async (
  { ctx, quota, dry }: Writing,
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
  let made = within.length
  try {
    if (self && !dry && made > 0) made = await importTasks(self, within.map(taskOf))
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'quota_exceeded')) throw error
    return [...lines, ...refuse(within, `a quota of its user is used up. ${error.message}`)]
  }
  person.planned += made
  counts.imported += made
  counts.present += within.length - made
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
