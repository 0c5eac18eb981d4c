// Writes what belongs to tasks that this import has made: what they wait for, their finished
// occurrences, reminders and comments. What was here before stays as it is.
import { type Ctx, now } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { importComments } from '../comments/index.ts'
import { findPresent, setBlockers } from '../tasks/index.ts'
import { type About, type Beside, freeIds, type Line, type Made } from './beside-ids.ts'
import { tasksIn } from './chunk.ts'
import { identify } from './ids.ts'
import { after, type Job } from './job-store.ts'
import { HERE_BEFORE } from './order.ts'
import { takeStep } from './read.ts'
import type { Item } from './row.ts'
import { putNotes, rowsNumbered, type StoredRow } from './row-store.ts'
import { note } from './values.ts'
import { writeDone, writeReminders } from './write-rows.ts'
import type { Written } from './write-tasks.ts'

/** The tasks in these rows that are here, made by this import or before. */
const tasksNumbered = async (ctx: Ctx, job: Job, numbers: readonly number[]) => {
  const rows = await rowsNumbered(
    ctx,
    job.id,
    numbers.filter((number) => number >= 0),
  )
  const made = new Map<number, Made>()
  const here = new Map<number, string>()
  for (const { row, item, present } of await identify(ctx, tasksIn(job.format, rows))) {
    if (!present) continue
    here.set(row.number, present.id)
    if (row.parent !== HERE_BEFORE) made.set(row.number, { id: present.id, item })
  }
  return { made, here }
}

const besideIn = <K extends Item['kind']>(
  rows: readonly StoredRow[],
  kind: K,
  made: ReadonlyMap<number, Made>,
): Beside<K>[] =>
  rows.flatMap(({ parent, data: { row, title, item } }) => {
    const task = made.get(parent)
    return task && item.kind === kind
      ? [{ item: item as Extract<Item, { kind: K }>, about: { row, title }, task }]
      : []
  })

/** Runs a write of its own; what it refuses is a line of the report for each of these rows. */
const tried = async (
  lines: Line[],
  abouts: readonly About[],
  field: string,
  write: () => Promise<unknown>,
): Promise<void> => {
  try {
    await write()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'write_conflict' || error.code === 'unauthenticated') throw error
    const [fault] = error.faults ?? []
    const why = note(fault?.code ?? error.code, field, fault?.detail ?? error.message)
    lines.push(...abouts.map((about): Line => [about, why]))
  }
}

const writeBlockers = async (ctx: Ctx, job: Job, rows: readonly StoredRow[]): Promise<Line[]> => {
  const lines: Line[] = []
  const waits = rows.flatMap(({ parent, data: { row, title, item } }) =>
    item.kind === 'blocker' ? [{ blocker: parent, item, about: { row, title } }] : [],
  )
  const numbers = waits.flatMap(({ blocker, item }) => [blocker, item.task])
  const { made, here } = await tasksNumbered(ctx, job, numbers)
  const others = await findPresent(
    ctx,
    waits.flatMap(({ blocker, item: { parent } }) => (blocker < 0 && isId(parent) ? [parent] : [])),
  )
  for (const { blocker, item, about } of waits) {
    const task = made.get(item.task)
    if (!task) continue
    const id = blocker < 0 ? others.get(item.parent)?.id : here.get(blocker)
    if (id === undefined) {
      const detail = 'What it waits for is neither in the file nor here.'
      lines.push([about, note('no_task', 'blocked_by', detail)])
    } else await tried(lines, [about], 'blocked_by', () => setBlockers(ctx, task.id, [id]))
  }
  return lines
}

const writeComments = async (ctx: Ctx, given: readonly Beside<'comment'>[]): Promise<Line[]> => {
  const lines: Line[] = []
  const ids = await freeIds(ctx, 'comment', given)
  for (const [at, { item, about, task }] of given.entries()) {
    const id = ids[at]
    if (id === undefined) continue
    const created_at = item.created_at ?? now(ctx)
    const { text, edited, updated_at } = item
    const comment = { id, text, edited, created_at, updated_at: updated_at ?? created_at }
    await tried(lines, [about], 'comments', () => importComments(ctx, task.id, [comment]))
  }
  return lines
}

/** Writes rows of one level. Answers the import after this step. */
export const writeBeside = async (ctx: Ctx, begun: Job, written: Written): Promise<Job> => {
  const { rows, state } = written
  const lines: Line[] = []
  if (!begun.dryRun) {
    const numbers = rows.map(({ parent }) => parent)
    const { made } = await tasksNumbered(ctx, begun, numbers)
    const done = besideIn(rows, 'done', made)
    const occurrences = besideIn(rows, 'occurrence', made)
    const reminders = besideIn(rows, 'reminder', made)
    lines.push(
      ...(await writeBlockers(ctx, begun, rows)),
      ...(await writeComments(ctx, besideIn(rows, 'comment', made))),
    )
    const abouts = (given: readonly { readonly about: About }[]) => given.map(({ about }) => about)
    await tried(lines, abouts([...done, ...occurrences]), 'occurrences', () =>
      writeDone(ctx, done, occurrences, lines),
    )
    await tried(lines, abouts(reminders), 'reminders', async () => {
      lines.push(...(await writeReminders(ctx, reminders)))
    })
  }
  const noted = putNotes(ctx, begun.id, begun.counts, lines)
  return takeStep(ctx, after(ctx, begun, { counts: noted.counts, state }), noted.writes)
}
