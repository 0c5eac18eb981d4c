import type { Ctx } from '../../../core/context.ts'
import { invalid } from '../../../core/errors.ts'
import { instantAt, malformedCursor, type Page, pageOf, placeOf } from '../../../core/paging.ts'
import { wallOf } from '../../../core/recurrence/series.ts'
import { userZone } from '../../../core/user-time-zone.ts'
import { isDate, isDateTime } from '../../../core/wall-clock.ts'
import { existingTask } from '../get.ts'
import { isDone } from '../status.ts'
import type { OwnedTask } from '../store.ts'
import { type DoneOccurrence, doneOccurrences } from './history.ts'
import { comingMoves, type Move, type Position } from './next.ts'
import { standingOf } from './occurrence-done.ts'
import type { TaskOccurrence } from './schemas.ts'

type Asked = {
  readonly past?: string | undefined
  readonly next?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * A page of a task's occurrences: those that are done, or those that come. Throws `not_found`, and
 * `invalid` for both at once and for a foreign cursor.
 */
export const listOccurrences = async (
  ctx: Ctx,
  id: string,
  { past, next, ...asked }: Asked,
): Promise<Page<TaskOccurrence>> => {
  if (past !== undefined && next !== undefined)
    throw invalid({ at: ['next'], code: 'one_of', detail: 'This takes past or next, not both.' })
  const owned = await existingTask(ctx, id, undefined)
  return past === undefined ? upcoming(ctx, owned, asked) : pastOnes(ctx, owned, asked)
}

type Paged = Pick<Asked, 'limit' | 'cursor'>

const pastOnes = async (
  ctx: Ctx,
  { task, parties }: OwnedTask,
  { limit, cursor }: Paged,
): Promise<Page<TaskOccurrence>> => {
  const list = `past ${task.id}`
  const place = cursor === undefined ? undefined : placeOf(list, cursor)
  const of = { owner: parties.ownerId, task: task.id }
  const rows = await doneOccurrences(
    ctx,
    of,
    limit + 1,
    place && { at: instantAt(place), id: place.id },
  )
  const page = pageOf(list, rows, limit, ({ doneAt, id }) => ({ key: doneAt, id }))
  return { ...page, items: page.items.map(present) }
}

const present = (done: DoneOccurrence): TaskOccurrence => ({
  occurrence: done.slot,
  due: done.due,
  start: done.start,
  outcome: done.outcome,
  done_at: done.doneAt,
  done_by: done.doneBy,
})

/** What comes when the present occurrence is completed now, and the others on their days. */
const upcoming = async (
  ctx: Ctx,
  { task, parties, left }: OwnedTask,
  { limit, cursor }: Paged,
): Promise<Page<TaskOccurrence>> => {
  const standing = standingOf(task, left)
  if (!standing || isDone(task.status)) return { items: [], next_cursor: null }
  const list = `next ${task.id} ${standing.recurrence.rule}`
  const zone = await userZone(ctx, parties.ownerId)
  const moment = { outcome: 'completed', nowMs: ctx.clock.now(), zone } as const
  const behind = cursor === undefined ? undefined : positionIn(placeOf(list, cursor).key)
  const moves = await comingMoves(ctx, standing, { moment, behind, most: limit + 1 })
  const { items, next_cursor } = pageOf(list, moves, limit, ({ slot, left }) => ({
    key: `${wallOf(slot)} ${left ?? ''}`,
    id: task.id,
  }))
  return { items: items.map(planned), next_cursor }
}

const planned = ({ slot, start }: Move): TaskOccurrence => ({
  occurrence: slot,
  due: slot,
  start,
  outcome: null,
  done_at: null,
  done_by: null,
})

/** The slot that a page ended with, and how many COUNT allowed behind it. */
const positionIn = (key: string): Position => {
  const [wall = '', left = ''] = key.split(' ')
  if (!(isDate(wall) || isDateTime(wall)) || !/^\d{0,4}$/.test(left)) throw malformedCursor()
  return { wall, left: left === '' ? null : Number(left) }
}
