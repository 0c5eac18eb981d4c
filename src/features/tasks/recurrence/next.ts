// Which slot comes when an occurrence is done, and where the task's start goes with it.
import { Temporal } from 'temporal-polyfill'
import { inTurn } from '../../../core/bulk.ts'
import type { Ctx } from '../../../core/context.ts'
import { parseRule } from '../../../core/recurrence/parse-rule.ts'
import type { Rule } from '../../../core/recurrence/rule.ts'
import { openSeries, type Series, wallOf, withWall } from '../../../core/recurrence/series.ts'
import { storedZone } from '../../../core/time-zones.ts'
import { instantIn, isDate, reachedAt, type WallTime } from '../../../core/wall-clock.ts'
import { instantOf } from '../../../db/instant.ts'
import type { Advance } from '../../reminders/index.ts'
import type { Recurrence } from './schemas.ts'

export type Outcome = 'completed' | 'skipped'

/** A recurring task at one of its occurrences. */
export type Standing = {
  readonly recurrence: Recurrence
  readonly occurrence: WallTime
  readonly due: WallTime
  readonly start: WallTime | null
  readonly left: number | null
}
/** Where the task goes: its new slot, which is its due, too, and its new start. */
export type Move = {
  readonly slot: WallTime
  readonly start: WallTime | null
  readonly left: number | null
}
/** When an occurrence is done, and in which zone days and floating times are looked at. */
export type Moment = { readonly outcome: Outcome; readonly nowMs: number; readonly zone: string }

/** Undefined where the series has ended. */
export const nextOccurrence = async (
  standing: Standing,
  moment: Moment,
): Promise<Move | undefined> => {
  const { recurrence, occurrence, left } = standing
  if (left === 0) return undefined
  const rule = parseRule(recurrence.rule)
  const upcoming = await upcomingOf(rule, standing, moment)
  const slot = upcoming.after(wallOf(upcoming.from))
  if (slot === undefined) return undefined
  const passed =
    left === null || upcoming.from === occurrence || recurrence.anchor === 'completion'
      ? 1
      : upcoming.count({ after: wallOf(occurrence), upTo: wallOf(slot), most: left })
  const start = movedStart(rule, standing, slot)
  if (start === undefined || (left !== null && passed > left)) return undefined
  return { slot, start, left: left === null ? null : left - passed }
}

/** Slots that are found in one go: some ten milliseconds, where a rule is hostile. */
const IN_ONE_GO = 10

/** A slot, and how many COUNT allows behind it. */
export type Position = { readonly wall: string; readonly left: number | null }

/**
 * What comes when the present occurrence is done at this moment and the others one after the other:
 * at most `most` of it, behind a position where it is given.
 */
export const comingMoves = async (
  ctx: Ctx,
  standing: Standing,
  { moment, behind, most }: { moment: Moment; behind: Position | undefined; most: number },
): Promise<Move[]> => {
  const rule = parseRule(standing.recurrence.rule)
  const series = await upcomingOf(rule, standing, moment)
  const first = behind ? undefined : await nextOccurrence(standing, moment)
  const moves: Move[] = first ? [first] : []
  let at = behind ?? (first && { wall: wallOf(first.slot), left: first.left })
  while (at !== undefined && at.left !== 0 && moves.length < most) {
    const slot = series.after(at.wall)
    const start = slot && movedStart(rule, standing, slot)
    if (slot === undefined || start === undefined) break
    at = { wall: wallOf(slot), left: at.left === null ? null : at.left - 1 }
    moves.push({ slot, start, left: at.left })
    if (moves.length % IN_ONE_GO === 0) await pause(ctx)
  }
  return moves
}

/** A series, and the time behind which its next slot is looked for. */
type Upcoming = Series & { readonly from: WallTime }

/** What comes when the occurrence is done at this moment. */
const upcomingOf = async (
  rule: Rule,
  { recurrence, occurrence }: Pick<Standing, 'recurrence' | 'occurrence'>,
  { outcome, nowMs, zone: ownerZone }: Moment,
): Promise<Upcoming> => {
  const { anchor, missed, starts } = recurrence
  const zone = starts.kind === 'zoned' ? storedZone(starts.time_zone) : ownerZone
  if (anchor === 'completion') {
    const from = countedFrom(rule, { recurrence, occurrence }, { outcome, nowMs, zone })
    const series = await openSeries(rule, from)
    // Done ahead of its time, it does not go back: it has done the slots up to this one.
    return { ...series, from: wallOf(occurrence) > wallOf(from) ? occurrence : from }
  }
  const series = await openSeries(rule, starts)
  if (missed === 'keep') return { ...series, from: occurrence }
  return { ...series, from: lastPast(series, occurrence, { nowMs, zone }) }
}

/**
 * The first time of what is counted from a completion: its day, at the clock of the slot. A slot
 * that is skipped counts as if it were done on its day. Hours are counted from the minute.
 */
const countedFrom = (
  { frequency }: Rule,
  { recurrence: { starts }, occurrence }: Pick<Standing, 'recurrence' | 'occurrence'>,
  { outcome, nowMs, zone }: Moment,
): WallTime => {
  const { date, wall } = reachedAt(nowMs, zone)
  const slot = wallOf(occurrence)
  const later = (now: string, then: string) => (outcome === 'skipped' && then > now ? then : now)
  if (starts.kind === 'day') return withWall(starts, later(date, slot.slice(0, 10)))
  if (frequency === 'HOURLY') return withWall(starts, later(`${wall.slice(0, 16)}:00`, slot))
  const clock = slot.length > 10 ? slot.slice(11) : wallOf(starts).slice(11)
  return withWall(starts, `${later(date, slot.slice(0, 10))}T${clock}`)
}

/** A gap or an overlap puts a wall clock off by a day at most (Apia left one out). */
const OFF_HOURS = 25

/**
 * Of the occurrence and of what has passed, the last: the next slot is behind it. Only within a day
 * of a change of the clocks slots are looked at one by one.
 */
const lastPast = (
  series: Series,
  occurrence: WallTime,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): WallTime => {
  const { date, wall } = reachedAt(nowMs, zone)
  const later = (time: string) =>
    wallOf(occurrence) > time ? occurrence : withWall(series.starts, time)
  if (series.starts.kind === 'day') return later(date)
  if (!isChangedSince(nowMs - OFF_HOURS * HOUR_MS, nowMs, zone)) return later(wall)
  const before = Temporal.PlainDateTime.from(wall)
    .subtract({ hours: OFF_HOURS })
    .toString({ smallestUnit: 'second' })
  const now = instantOf(nowMs)
  let last = later(before)
  for (let slot = series.after(wallOf(last)); slot; slot = series.after(wallOf(last))) {
    if (instantIn(wallOf(slot), zone) > now) break
    last = slot
  }
  return last
}

const HOUR_MS = 3_600_000

/** Do clocks change in a zone between two instants? */
const isChangedSince = (fromMs: number, toMs: number, zone: string): boolean => {
  const next = Temporal.Instant.fromEpochMilliseconds(fromMs)
    .toZonedDateTimeISO(zone)
    .getTimeZoneTransition('next')
  return next !== null && next.epochMilliseconds <= toMs
}

/** Lets others come in between, and counts the work. */
const pause = (ctx: Ctx): Promise<void> => {
  ctx.charge?.(1)
  return inTurn(ctx, async () => undefined)
}

/**
 * Does a rule have several slots a day? Then what goes along with the due moves by as many hours,
 * and else by as many days.
 */
const isWithinDay = ({ frequency, lists }: Rule): boolean =>
  frequency === 'HOURLY' || (lists.BYHOUR?.length ?? 0) > 1

/**
 * The start moves by as many days as the due, and keeps its clock; with several slots a day by as
 * many hours. Undefined where no task may have it.
 */
const movedStart = (
  rule: Rule,
  { start, due }: Standing,
  slot: WallTime,
): WallTime | null | undefined => {
  if (start === null) return null
  const unit = isWithinDay(rule) && start.kind !== 'day' ? 'hours' : 'days'
  const [from, to] = [plain(due, unit), plain(slot, unit)]
  const moved = Temporal.PlainDateTime.from(wallOf(start)).add(
    from.until(to, { largestUnit: unit }),
  )
  const wall = moved.toString({ smallestUnit: 'second' })
  return isDate(wall.slice(0, 10))
    ? withWall(start, start.kind === 'day' ? wall.slice(0, 10) : wall)
    : undefined
}

/** How far the due goes with a move, for what goes along with it. */
export const advanceOf = ({ recurrence, due }: Standing, { slot }: Move): Advance => ({
  days: plain(due, 'days').until(plain(slot, 'days'), { largestUnit: 'days' }).days,
  ...(isWithinDay(parseRule(recurrence.rule)) && { clocks: { from: due, to: slot } }),
})

const plain = (time: WallTime, unit: 'hours' | 'days'): Temporal.PlainDateTime =>
  Temporal.PlainDateTime.from(unit === 'days' ? wallOf(time).slice(0, 10) : wallOf(time))
