// The occurrences of recurring tasks that are done: rows of `task_occurrences`.
import { and, desc, eq, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../../core/context.ts'
import { actorIdOf, type OwnerId } from '../../../core/parties.ts'
import { occurrenceLength } from '../../../core/stored-bytes.ts'
import { ownedAmong } from '../../../core/visibility.ts'
import { fromColumns, toWall, type WallTime } from '../../../core/wall-clock.ts'
import { type Dialect, perDialect } from '../../../db/database.ts'
import type { Instant } from '../../../db/instant.ts'
import { compile, everyColumn, query, value, type Write, write } from '../../../db/statement.ts'
import type { KeptReminders } from '../../reminders/index.ts'
import type { Status } from '../schemas.ts'
import type { Outcome, Standing } from './next.ts'

/** What undoing an occurrence needs besides its times. */
type Undo = {
  readonly status: Status
  readonly left: number | null
  /** The series that it was of: another one may have taken its place since. */
  readonly rule: string
  readonly starts: readonly [wall: string, zone: string | null]
  /** Its reminders before they moved. Missing where it had none. */
  readonly reminders?: KeptReminders
}

export type DoneOccurrence = {
  readonly id: string
  readonly slot: WallTime
  readonly due: WallTime
  readonly start: WallTime | null
  readonly outcome: Outcome
  readonly doneBy: string
  readonly doneAt: Instant
  readonly undo: Undo
  readonly bytes: number
}

export type Row = {
  id: string
  slotWall: string
  slotZone: string | null
  dueWall: string
  dueZone: string | null
  startWall: string
  startZone: string | null
  outcome: string
  doneBy: string
  doneAt: Instant
  undo: string
}

export const cellsOf = (done: Dialect['t']['taskOccurrences']) => ({
  id: done.id,
  slotWall: done.slotWall,
  slotZone: done.slotZone,
  dueWall: done.dueWall,
  dueZone: done.dueZone,
  startWall: done.startWall,
  startZone: done.startZone,
  outcome: done.outcome,
  doneBy: done.doneBy,
  doneAt: done.doneAt,
  undo: done.undo,
})

const statements = perDialect(({ q, t: { taskOccurrences: done } }) => {
  const ofTask = eq(done.taskId, value(done.taskId, 'task'))
  const cells = cellsOf(done)
  const page = (...before: (SQL | undefined)[]) =>
    query<Row>(
      q
        .select(cells)
        .from(done)
        .where(ownedAmong(done.ownerId, ofTask, ...before))
        .orderBy(desc(done.doneAt), desc(done.id))
        .limit(sql.placeholder('limit')),
    )
  const at = value(done.doneAt, 'at')
  return {
    latest: page(),
    before: page(
      or(lt(done.doneAt, at), and(eq(done.doneAt, at), lt(done.id, value(done.id, 'id')))),
    ),
    ofSlot: query<{ slotZone: string | null }>(
      q
        .select({ slotZone: done.slotZone })
        .from(done)
        .where(ownedAmong(done.ownerId, ofTask, eq(done.slotWall, value(done.slotWall, 'slot')))),
    ),
    insert: compile(q.insert(done).values(everyColumn(done))),
    remove: compile(
      q
        .delete(done)
        .where(ownedAmong(done.ownerId, ofTask, eq(done.id, value(done.id, 'occurrence')))),
    ),
  }
})

export const doneOf = (row: Row): DoneOccurrence => ({
  id: row.id,
  slot: fromColumns(row.slotWall, row.slotZone) as WallTime,
  due: fromColumns(row.dueWall, row.dueZone) as WallTime,
  start: fromColumns(row.startWall, row.startZone),
  outcome: row.outcome as Outcome,
  doneBy: row.doneBy,
  doneAt: row.doneAt,
  undo: JSON.parse(row.undo) as Undo,
  bytes: occurrenceLength(row.undo),
})

type Of = { readonly owner: OwnerId; readonly task: string }

/** The newest first, behind `place` where it is given. */
export const doneOccurrences = async (
  { db }: Pick<Ctx, 'db'>,
  of: Of,
  limit: number,
  place?: { readonly at: Instant; readonly id: string },
): Promise<DoneOccurrence[]> => {
  const { latest, before } = statements(db)
  const rows = await (place
    ? db.all(before, { ...of, limit, ...place })
    : db.all(latest, { ...of, limit }))
  return rows.map(doneOf)
}

export const latestDone = async (
  ctx: Pick<Ctx, 'db'>,
  of: Of,
): Promise<DoneOccurrence | undefined> => (await doneOccurrences(ctx, of, 1))[0]

/** Has the task done the occurrence of this slot? */
export const isDoneSlot = async (
  { db }: Pick<Ctx, 'db'>,
  of: Of,
  slot: WallTime,
): Promise<boolean> => {
  const [wall, zone] = toWall(slot)
  const found = await db.all(statements(db).ofSlot, { ...of, slot: wall })
  return found.some(({ slotZone }) => slotZone === zone)
}

type New = {
  readonly id: string
  readonly standing: Standing
  readonly outcome: Outcome
  readonly status: Status
  readonly doneAt: Instant
  readonly reminders: KeptReminders
}

export const insertDone = (ctx: Ctx, { owner, task }: Of, given: New): Write => {
  const { recurrence, occurrence, due, start, left } = given.standing
  const [slotWall, slotZone] = toWall(occurrence)
  const [dueWall, dueZone] = toWall(due)
  const [startWall, startZone] = start ? toWall(start) : ['', null]
  const starts = toWall(recurrence.starts)
  const undo = JSON.stringify({
    status: given.status,
    left,
    rule: recurrence.rule,
    starts,
    ...(given.reminders.length > 0 && { reminders: given.reminders }),
  } satisfies Undo)
  const row = {
    id: given.id,
    ownerId: owner,
    taskId: task,
    slotWall,
    slotZone,
    dueWall,
    dueZone,
    startWall,
    startZone,
    outcome: given.outcome,
    doneBy: actorIdOf(ctx),
    doneAt: given.doneAt,
    undo,
  }
  return write(statements(ctx.db).insert, row, occurrenceLength(undo))
}

/** Touches no row where another request has undone it. */
export const removeDone = (ctx: Ctx, of: Of, { id, bytes }: DoneOccurrence): Write =>
  write(statements(ctx.db).remove, { ...of, occurrence: id }, -bytes)
