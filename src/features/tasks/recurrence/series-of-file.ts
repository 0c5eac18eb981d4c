// The series of a task of a file: the rule as it stands there, looked at as that of a request is.
import { Temporal } from 'temporal-polyfill'
import { ruleFor } from '../../../core/recurrence/compose.ts'
import { formatRule, type Rule, RuleFault } from '../../../core/recurrence/rule.ts'
import { openSeries, wallOf } from '../../../core/recurrence/series.ts'
import { lastWall } from '../../../core/recurrence/until.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import type { Recurring } from './row.ts'
import type { Recurrence } from './schemas.ts'

export type SeriesOfFile = Omit<Recurrence, 'starts'> & {
  /** Null: its due. */
  readonly starts: WallTime | null
  readonly occurrence: WallTime | null
  /** Slots behind the present one that COUNT allows; null: all but this one. */
  readonly left: number | null
  /** Where the series may have begun before its due; it has if the due is one of its slots then. */
  readonly begins?: WallTime | null
  /** Slots from the due on that are behind it: it stands at the one after them. */
  readonly passed?: number
}

type Standing = Recurring & { readonly due: WallTime; readonly left: number | null }

/** Throws RuleFault. */
export const seriesOfFile = async (given: SeriesOfFile, due: WallTime): Promise<Standing> => {
  const { rule: text, anchor, missed, begins = null, passed = 0 } = given
  const from = given.starts === null && begins ? await slotsBefore(text, begins, due) : 0
  const starts = given.starts ?? (from > 0 && begins ? begins : due)
  const rule = await ruleFor(text, starts)
  const { slot, steps } = passed > 0 ? await slotBehind(rule, due, passed) : { slot: due, steps: 0 }
  const most = rule.count === undefined ? null : Math.max(0, rule.count - 1 - from - steps)
  const { left } = given
  return {
    due: slot,
    recurrence: { rule: formatRule(rule), anchor, missed, starts },
    occurrence: given.occurrence ?? slot,
    left: most === null || left === null ? most : Math.max(0, Math.min(left, most)),
  }
}

/** Slots that may be over: as many as COUNT may say. */
const MOST_SLOTS = 9_999
/** Days that they may take: counting what is in them takes some milliseconds then. */
const MOST_DAYS = 100 * 366

/**
 * How many slots a rule with COUNT has before the due, where it begins there: 0 where the due is
 * none of its slots.
 */
const slotsBefore = async (text: string, begins: WallTime, due: WallTime): Promise<number> => {
  if (begins.kind !== due.kind || zoneOf(begins) !== zoneOf(due)) return 0
  const rule = await ruleFor(text, begins)
  const [first, last] = [wallOf(begins), wallOf(due)]
  if (rule.count === undefined || last <= first) return 0
  if (last > later(first, MOST_DAYS)) throw tooLong()
  const series = await openSeries(rule, begins)
  const before = series.count({ after: first, upTo: justBefore(last), most: rule.count })
  const slot = series.after(justBefore(last))
  return slot && wallOf(slot) === last && before + 1 < rule.count ? before + 1 : 0
}

/**
 * The slot that is so many behind the first one, or the last one that there is: its day is found by
 * counting, so that a series of thousands costs no more than one of a few.
 */
const slotBehind = async (rule: Rule, first: WallTime, passed: number) => {
  if (passed > MOST_SLOTS) throw tooLong()
  const series = await openSeries(rule, first)
  const from = wallOf(first)
  const slotsUpTo = (wall: string) => series.count({ after: from, upTo: wall, most: passed })
  const last = lastWall(rule, first)
  const steps = last === undefined ? passed : Math.min(passed, slotsUpTo(last))
  if (steps === 0) return { slot: first, steps }
  const endOf = (days: number) => endOfDay(first, later(from, days))
  // The last day up to which fewer have passed.
  let [low, high] = [-1, 1]
  while (high < MOST_DAYS && slotsUpTo(endOf(high)) < steps)
    [low, high] = [high, Math.min(2 * high, MOST_DAYS)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (slotsUpTo(endOf(middle)) < steps) low = middle
    else high = middle
  }
  let slot: WallTime | undefined
  let at = low < 0 ? from : endOf(low)
  for (let done = low < 0 ? 0 : slotsUpTo(at); done < steps; done++) {
    slot = series.after(at)
    if (slot === undefined || wallOf(slot) > endOf(high)) throw tooLong()
    at = wallOf(slot)
  }
  return { slot: slot ?? first, steps }
}

const tooLong = () =>
  new RuleFault('RRULE', `more than ${MOST_SLOTS} of its slots, or 100 years of them, are over.`)

const dateOf = (wall: string) => Temporal.PlainDate.from(wall.slice(0, 10))
const LAST_DATE = Temporal.PlainDate.from('9998-12-31')
/** The date that is so many days later. */
const later = (wall: string, days: number): string => {
  const date = dateOf(wall).add({ days })
  return (Temporal.PlainDate.compare(date, LAST_DATE) > 0 ? LAST_DATE : date).toString()
}
const endOfDay = ({ kind }: WallTime, date: string): string =>
  kind === 'day' ? date : `${date}T23:59:59`
/** No slot lies between this wall clock and the one that is given. */
const justBefore = (wall: string): string =>
  wall.length === 10
    ? dateOf(wall).subtract({ days: 1 }).toString()
    : Temporal.PlainDateTime.from(wall)
        .subtract({ seconds: 1 })
        .toString({ smallestUnit: 'second' })

const zoneOf = (time: WallTime): string | undefined =>
  time.kind === 'zoned' ? time.time_zone : undefined
