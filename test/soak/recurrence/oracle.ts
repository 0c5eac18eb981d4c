// What others say of a rule: rrule-rust, another implementation, and the RFC itself, day by day.
import { DateTime, DtStart, RRule, RRuleSet } from 'rrule-rust'
import { type Rule, weekdays } from '../../../src/core/recurrence/rule.ts'

const DAY = 24 * 60 * 60 * 1000
const YEAR = 366 * DAY
/** Years to the end of what a task may have. */
const FAR = 8_000

const msOf = (wall: string): number =>
  Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`)
const wallOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19)
const utcOf = (ms: number) => DateTime.fromString(`${wallOf(ms).replaceAll(/[-:]/g, '')}Z`) as never

/** Up to `most` times of a rule without an end, as if in UTC, behind `after`. */
export const oracleSlots = (
  pattern: string,
  starts: string,
  { after, most, inclusive = false }: { after: string; most: number; inclusive?: boolean },
): string[] => {
  const rule = RRule.fromString(pattern)
  const set = new RRuleSet({ dtstart: new DtStart(utcOf(msOf(starts))), rrules: [rule] } as never)
  const from = msOf(after)
  for (const years of [0.3, 3, 30, 420, FAR]) {
    const to = Math.min(from + years * YEAR, Date.UTC(9998, 11, 31, 23, 59, 59))
    const found = set.between(utcOf(from), utcOf(to), true) as readonly { toTimestamp(): number }[]
    const times = found
      .map((time) => Number(time.toTimestamp()))
      .filter((ms) => ms > from || (inclusive && ms === from))
    if (times.length >= most || years === FAR) return times.slice(0, most).map(wallOf)
  }
  return []
}

const dateOf = (ms: number) => {
  const date = new Date(ms)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  return { year, month, day, length: new Date(Date.UTC(year, month, 0)).getUTCDate() }
}
const weekdayOf = (ms: number): number => (new Date(ms).getUTCDay() + 6) % 7

/** The first day of the period of a rule that a day is in, and that of the next one. */
const periodOf = ({ frequency, weekStart }: Rule, ms: number): [number, number] => {
  const { year, month } = dateOf(ms)
  if (frequency === 'YEARLY') return [Date.UTC(year, 0), Date.UTC(year + 1, 0)]
  if (frequency === 'MONTHLY') return [Date.UTC(year, month - 1), Date.UTC(year, month)]
  if (frequency === 'DAILY') return [ms, ms + DAY]
  const from = ms - ((weekdayOf(ms) - weekdays.indexOf(weekStart) + 7) % 7) * DAY
  return [from, from + 7 * DAY]
}

/** Is it the nth of its weekday in the span, from either end? */
const isNth = (ms: number, nth: number, [from, to]: readonly [number, number]): boolean => {
  const index =
    nth > 0 ? Math.floor((ms - from) / DAY / 7) + 1 : -(Math.floor((to - DAY - ms) / DAY / 7) + 1)
  return index === nth
}

/**
 * The days of one period by the definitions of RFC 5545, 3.3.10: of all its days those that each
 * part names. Not for BYWEEKNO, whose weeks reach into other years.
 */
const daysOf = (rule: Rule, starts: number, [from, to]: [number, number]): number[] => {
  const { frequency, lists, byDay } = rule
  const first = dateOf(starts)
  const days: number[] = []
  for (let ms = from; ms < to; ms += DAY) {
    const { year, month, day, length } = dateOf(ms)
    const yearDay = (ms - Date.UTC(year, 0)) / DAY + 1
    const yearLength = (Date.UTC(year + 1, 0) - Date.UTC(year, 0)) / DAY
    const named = (values: readonly number[], value: number, size: number) =>
      values.some((one) => (one > 0 ? one === value : size + one + 1 === value))
    if (lists.BYMONTH && !lists.BYMONTH.includes(month)) continue
    if (lists.BYMONTHDAY && !named(lists.BYMONTHDAY, day, length)) continue
    if (lists.BYYEARDAY && !named(lists.BYYEARDAY, yearDay, yearLength)) continue
    const span: [number, number] =
      frequency === 'MONTHLY' || lists.BYMONTH
        ? [Date.UTC(year, month - 1), Date.UTC(year, month)]
        : [Date.UTC(year, 0), Date.UTC(year + 1, 0)]
    const isNamed = byDay?.some(
      ({ nth, day }) =>
        weekdays[weekdayOf(ms)] === day && (nth === undefined || isNth(ms, nth, span)),
    )
    if (isNamed === false) continue
    // What no part says is that of the first time.
    const days_ = lists.BYMONTHDAY ?? lists.BYYEARDAY ?? byDay
    if (frequency === 'WEEKLY' && !byDay && weekdayOf(ms) !== weekdayOf(starts)) continue
    if ((frequency === 'MONTHLY' || frequency === 'YEARLY') && !days_ && day !== first.day) continue
    if (frequency === 'YEARLY' && !days_ && !lists.BYMONTH && month !== first.month) continue
    days.push(ms)
  }
  return days
}

/** The same of the RFC's definitions, worked out day by day. */
export const definedSlots = (
  rule: Rule,
  starts: string,
  { after, most, inclusive = false }: { after: string; most: number; inclusive?: boolean },
): string[] => {
  const [first, from] = [msOf(starts), msOf(after)]
  const midnight = (ms: number) => ms - (ms % DAY)
  const found: number[] = []
  const stepsBetween = (a: number, b: number) => {
    if (rule.frequency === 'YEARLY') return dateOf(b).year - dateOf(a).year
    if (rule.frequency === 'MONTHLY')
      return (dateOf(b).year - dateOf(a).year) * 12 + dateOf(b).month - dateOf(a).month
    return Math.round((b - a) / DAY / (rule.frequency === 'WEEKLY' ? 7 : 1))
  }
  const base = periodOf(rule, midnight(first))
  let period = periodOf(rule, midnight(Math.max(first, from)))
  for (let looked = 0; found.length < most && looked < 120_000; looked++) {
    if (stepsBetween(base[0], period[0]) % rule.interval === 0) {
      const hours = rule.lists.BYHOUR
      const times = daysOf(rule, midnight(first), period)
        .flatMap((day) =>
          hours
            ? hours.map((hour) => day + hour * 3_600_000 + (first % 3_600_000))
            : [day + (first % DAY)],
        )
        .sort((a, b) => a - b)
      const chosen = rule.lists.BYSETPOS?.map((at) => times.at(at > 0 ? at - 1 : at)) ?? times
      const sorted = [...new Set(chosen)].filter((ms) => ms !== undefined).sort((a, b) => a - b)
      found.push(...sorted.filter((ms) => ms >= first && (ms > from || (inclusive && ms === from))))
    }
    period = periodOf(rule, period[1])
  }
  return found.slice(0, most).map(wallOf)
}
