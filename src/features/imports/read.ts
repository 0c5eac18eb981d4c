// Reads the file of an import, piece by piece, into rows.
import { inTurn } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { timeZoneOf } from '../../core/user-time-zone.ts'
import type { Write } from '../../db/statement.ts'
import { besideOf, withoutBeside } from './beside.ts'
import { fit } from './fit.ts'
import { readerOf } from './formats/index.ts'
import { after, type Job, proceedTo } from './job-store.ts'
import { createOrder, levelOf, NO_PARENT, type Place } from './order.ts'
import { createRoom, kindOf, MOST_ROWS } from './room.ts'
import type { Found, Item, Note } from './row.ts'
import { pieceAt, placeRow, putNotes, putRows, type StoredRow } from './row-store.ts'
import { noCounts } from './schemas.ts'
import { note } from './values.ts'

/** Rows of one batch. */
const ROWS = 100

/** Another process goes on with the import, or it was cancelled. */
export class Overtaken extends Error {}

/** Runs the writes of a step, when it is the user's turn. Answers the import after it. */
export const takeStep = async (ctx: Ctx, next: Job, writes: readonly Write[]): Promise<Job> => {
  const all = [proceedTo(ctx, next), ...writes]
  const outcome = await inTurn(ctx, () =>
    ctx.db.atomic(all, { mustTouch: [0], grows: writes.length > 0, wide: true }),
  )
  if (outcome === 'stale') throw new Overtaken()
  return next
}

/** So many of what there is at most, while there is something. */
const batchesOf = function* <T>(given: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const one of given) {
    batch.push(one)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  yield batch
}

type About = { readonly row: number; readonly title: string }
type Line = readonly [About, Note]

/**
 * Reads all of it, from the beginning, also where another process had begun: then the same rows are
 * written once more. Throws Overtaken.
 */
export const readFile = async (ctx: Ctx, begun: Job): Promise<Job> => {
  const timeZone = await timeZoneOf(ctx)
  const { id, format, project } = begun
  const reader = await readerOf(format, { timeZone, now: Date.parse(begun.createdAt), project })
  const order = createOrder()
  const { pieces } = begun.state
  const total = Math.max(1, pieces)
  let job = await takeStep(
    ctx,
    after(ctx, begun, { counts: noCounts, state: { ...begun.state, done: 0, total } }),
    [],
  )
  /** In the order in which they were written. */
  const abouts: About[] = []
  const room = createRoom()
  let full = false
  // Projects and labels of our own files stand behind the tasks.
  const isOver = () => full && format !== 'json'
  let failure: string | null = null

  const keep = async (batch: readonly Found[], done: number): Promise<void> => {
    const rows: StoredRow[] = []
    const lines: Line[] = []
    let { counts } = job
    const hasRoom = (about: About, item: Item): boolean => {
      if (room.take(item)) return true
      if (kindOf(item) !== 'rows') lines.push([about, tooManyOthers])
      else if (!full) lines.push([{ row: 0, title: '' }, tooManyRows])
      full ||= kindOf(item) === 'rows'
      return false
    }
    for (const found of batch) {
      const about = { row: found.row, title: found.title }
      failure ??= found.failure ?? null
      const { item } = found
      if (item && !hasRoom(about, item)) continue
      lines.push(...found.notes.map((one): Line => [about, one]))
      if (!item) {
        if (found.row > 0 && !found.aside) counts = { ...counts, refused: counts.refused + 1 }
        continue
      }
      const number = abouts.length
      const fault = order.add(number, item)
      if (fault) {
        lines.push([about, fault])
        if (item.kind === 'task') counts = { ...counts, refused: counts.refused + 1 }
        continue
      }
      abouts.push(about)
      if (item.kind === 'task' || item.kind === 'occurrence')
        counts = { ...counts, rows: counts.rows + 1 }
      const alone = item.kind === 'task' ? withoutBeside(item) : item
      rows.push({
        number,
        level: levelOf(item),
        parent: NO_PARENT,
        data: { ...about, item: alone },
      })
      for (const one of item.kind === 'task' ? besideOf(item, number) : []) {
        if (!hasRoom(about, one)) continue
        const why = order.add(abouts.length, one)
        if (why) lines.push([about, why])
        else {
          rows.push({
            number: abouts.length,
            level: levelOf(one),
            parent: NO_PARENT,
            data: { ...about, item: one },
          })
          abouts.push(about)
        }
      }
    }
    const noted = putNotes(ctx, id, counts, lines)
    const state = { ...job.state, done }
    job = await takeStep(ctx, after(ctx, job, { counts: noted.counts, state }), [
      ...putRows(ctx, id, rows),
      ...noted.writes,
    ])
  }
  const read = async (found: Iterable<Found>, done: number): Promise<void> => {
    for (const batch of batchesOf(found, ROWS)) {
      if (isOver()) return
      await keep(batch.map(fit), done)
    }
  }
  if (begun.state.foreign > 0) await keep([foreignBytes(begun.state.foreign)], 0)
  for (let number = 0; number < pieces && !isOver(); number++) {
    const text = await pieceAt(ctx, id, number)
    if (text !== undefined) await read(reader.read(text), number + 1)
  }
  if (!isOver()) await read(reader.end(), pieces)
  for (const batch of batchesOf(order.places(), 2 * ROWS))
    job = await settle(ctx, job, batch, abouts)
  return takeStep(
    ctx,
    after(ctx, job, {
      status: 'writing',
      state: { ...job.state, done: 0, total: abouts.length, failure },
    }),
    [],
  )
}

const ofFile = (code: string, detail: string): Found => ({
  row: 0,
  title: '',
  item: undefined,
  notes: [note(code, '', detail)],
})
const foreignBytes = (count: number): Found =>
  ofFile('encoding', `${count} bytes are not UTF-8; they are read as Windows-1252.`)
const tooManyOthers = note('too_many', '', 'The file has too many of these; this one is left out.')
const tooManyRows = note(
  'too_many',
  '',
  `The file has more than ${MOST_ROWS} rows; the others are left out. Import it in parts.`,
)

const settle = (
  ctx: Ctx,
  job: Job,
  places: readonly Place[],
  abouts: readonly About[],
): Promise<Job> => {
  const lines = places.flatMap(({ number, note: why }): Line[] =>
    why ? [[abouts[number] ?? { row: 0, title: '' }, why]] : [],
  )
  const noted = putNotes(ctx, job.id, job.counts, lines)
  const writes = places.map((place) =>
    placeRow(ctx, job.id, { number: place.number, level: place.level, parent: place.parent }),
  )
  return takeStep(ctx, after(ctx, job, { counts: noted.counts }), [...writes, ...noted.writes])
}
