// The series of a task of a file: the rule as it stands there, looked at as that of a request is.
import { ruleFor } from '../../../core/recurrence/compose.ts'
import { formatRule, type Rule } from '../../../core/recurrence/rule.ts'
import { openSeries, wallOf } from '../../../core/recurrence/series.ts'
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

/** Slots that are looked at, where COUNT does not say how many there are. */
const MOST = 1_000

/**
 * How many slots a rule with COUNT has before the due, where it begins there: 0 where the due is
 * none of its slots.
 */
const slotsBefore = async (text: string, begins: WallTime, due: WallTime): Promise<number> => {
  if (begins.kind !== due.kind || zoneOf(begins) !== zoneOf(due)) return 0
  const rule = await ruleFor(text, begins)
  const series = await openSeries(rule, begins)
  const last = wallOf(due)
  let at = wallOf(begins)
  for (let passed = 0; passed < Math.min(rule.count ?? 0, MOST) && at <= last; passed++) {
    if (at === last) return passed
    const next = series.after(at)
    if (next === undefined) return 0
    at = wallOf(next)
  }
  return 0
}

/** The slot that is so many behind the first one, or the last one that there is. */
const slotBehind = async (rule: Rule, first: WallTime, passed: number) => {
  const series = await openSeries(rule, first)
  let [slot, steps] = [first, 0]
  for (; steps < Math.min(passed, MOST); steps++) {
    const next = series.after(wallOf(slot))
    if (next === undefined) break
    slot = next
  }
  return { slot, steps }
}

const zoneOf = (time: WallTime): string | undefined =>
  time.kind === 'zoned' ? time.time_zone : undefined
