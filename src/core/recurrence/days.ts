// The days of a rule, period by period, in whole numbers: days since 1970-01-01. The definitions are
// those of RFC 5545, 3.3.10.
import { type Rule, type Weekday, weekdays } from './rule.ts'

/** One period's days: each is `base` and one of `offsets`, which ascend. */
export type DaysOfPeriod = { readonly base: number; readonly offsets: readonly number[] }

const DAY_MS = 86_400_000
const WEEK = 7
/** Days of 400 years, after which the calendar begins again, and of 1 March 0000 before 1970. */
const ERA = 146_097
const TO_MARCH = 719_468

export const dayOf = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY_MS

/** The first day of a month: `index` is 12 a year, and one a month from January on. */
const monthStart = (index: number): number => {
  const fromMarch = index - 2
  const [year, month] = [Math.floor(fromMarch / 12), modulo(fromMarch, 12)]
  const days = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  return 365 * year + days + Math.floor((153 * month + 2) / 5) - TO_MARCH
}
const yearStart = (year: number): number => monthStart(year * 12)
const modulo = (n: number, by: number): number => ((n % by) + by) % by
/** Monday is 0. */
const weekdayOf = (day: number): number => modulo(day + 3, WEEK)
const indexOf = (day: Weekday): number => weekdays.indexOf(day)

const MOST_IN_MONTH = 31
const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The month of a day, as `monthStart` takes it. */
const monthIndexOf = (day: number): number => {
  const inEra = modulo(day + TO_MARCH, ERA)
  const leaps =
    Math.floor(inEra / 1_460) - Math.floor(inEra / 36_524) + Math.floor(inEra / (ERA - 1))
  const year = Math.floor((inEra - leaps) / 365)
  const inYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const eras = (day + TO_MARCH - inEra) / ERA
  return (eras * 400 + year) * 12 + Math.floor((5 * inYear + 2) / 153) + 2
}
const yearOf = (day: number): number => Math.floor(monthIndexOf(day) / 12)
/** From 1 to 12. */
const monthOf = (day: number): number => (monthIndexOf(day) % 12) + 1

/** The periods that may have a day of `from` to `to`, in their order. HOURLY has none. */
export function* daysOfPeriods(
  rule: Rule,
  starts: string,
  { from, to }: { from: number; to: number },
): Generator<DaysOfPeriod, void> {
  const first = dayOf(starts)
  const range = { first, from: Math.max(from, first), to }
  if (rule.frequency === 'YEARLY') yield* yearly(rule, starts, range)
  else if (rule.frequency === 'WEEKLY') yield* weekly(rule, range)
  else yield* monthly(rule, starts, range)
}

type Range = { readonly first: number; readonly from: number; readonly to: number }

/** DAILY goes by months, too: of each the days that are whole intervals away from the first one. */
function* monthly(rule: Rule, starts: string, { first, from, to }: Range): Generator<DaysOfPeriod> {
  const isDaily = rule.frequency === 'DAILY'
  const { BYMONTH: months } = rule.lists
  const step = isDaily ? 1 : rule.interval
  const start = monthIndexOf(first)
  const daysIn = cached((length, weekday) => daysOfMonth(rule, starts, { length, weekday }))
  const last = monthIndexOf(to)
  for (let at = start + stepsWithin(monthIndexOf(from) - start, step); at <= last; at += step) {
    if (months && !months.includes((at % 12) + 1)) continue
    const base = monthStart(at)
    const offsets = daysIn(monthStart(at + 1) - base, weekdayOf(base))
    if (!isDaily || rule.interval === 1) yield { base, offsets }
    else if (modulo(first - base, rule.interval) < MOST_IN_MONTH)
      yield { base, offsets: onInterval(offsets, base - first, rule.interval) }
  }
}

/** The greatest whole number of steps within a distance. */
const stepsWithin = (distance: number, step: number): number =>
  Math.floor(Math.max(0, distance) / step) * step

const onInterval = (offsets: readonly number[], from: number, interval: number) =>
  offsets.filter((offset) => modulo(from + offset, interval) === 0)

const daysOfMonth = (
  { frequency, lists: { BYMONTHDAY: monthDays }, byDay }: Rule,
  starts: string,
  { length, weekday }: { length: number; weekday: number },
): number[] => {
  const only = frequency === 'MONTHLY' && !monthDays && !byDay ? Number(starts.slice(8, 10)) : 0
  return numbersTo(length).filter(
    (offset) =>
      (only === 0 || offset + 1 === only) &&
      (!monthDays || isNamed(monthDays, offset, length)) &&
      (!byDay || isWeekdayNamed(byDay, (weekday + offset) % WEEK, offset, length)),
  )
}

function* weekly(rule: Rule, { first, from, to }: Range): Generator<DaysOfPeriod> {
  const { BYMONTH: months } = rule.lists
  const begins = indexOf(rule.weekStart)
  const named = rule.byDay?.map(({ day }) => indexOf(day)) ?? [weekdayOf(first)]
  const offsets = named.map((day) => modulo(day - begins, WEEK)).sort((a, b) => a - b)
  const start = first - modulo(weekdayOf(first) - begins, WEEK)
  const step = WEEK * rule.interval
  for (let base = start + stepsWithin(from - start, step); base <= to; base += step) {
    if (!months) {
      yield { base, offsets }
      continue
    }
    const [month, lastMonth] = [monthOf(base), monthOf(base + WEEK - 1)]
    if (!months.includes(month) && !months.includes(lastMonth)) continue
    yield { base, offsets: offsets.filter((offset) => months.includes(monthOf(base + offset))) }
  }
}

/** A week of BYWEEKNO may have days in the year before or after. */
function* yearly(rule: Rule, starts: string, { first, from, to }: Range): Generator<DaysOfPeriod> {
  const start = yearOf(first)
  const spare = rule.lists.BYWEEKNO ? 1 : 0
  const daysIn = cached((length, weekday) =>
    rule.lists.BYWEEKNO
      ? daysOfWeeks(rule, { length, weekday }, weekdayOf(first))
      : daysOfYear(rule, starts, { length, weekday }),
  )
  const last = yearOf(to) + spare
  for (
    let year = start + stepsWithin(yearOf(from) - spare - start, rule.interval);
    year <= last;
    year += rule.interval
  ) {
    const base = yearStart(year)
    yield { base, offsets: daysIn(yearStart(year + 1) - base, weekdayOf(base)) }
  }
}

type Shape = { readonly length: number; readonly weekday: number }

const daysOfYear = (rule: Rule, starts: string, { length, weekday }: Shape): number[] => {
  const { BYMONTH: months, BYMONTHDAY: monthDays, BYYEARDAY: yearDays } = rule.lists
  const { byDay } = rule
  const isDayNamed = monthDays ?? yearDays ?? byDay
  const [, ofMonth, ofDay] = starts.slice(0, 10).split('-').map(Number)
  const found: number[] = []
  let begun = 0
  for (const [index, usual] of lengths.entries()) {
    const month = index + 1
    const size = month === 2 && length === 366 ? usual + 1 : usual
    const isIn = months ? months.includes(month) : isDayNamed || month === ofMonth
    for (let day = 0; isIn && day < size; day++) {
      const offset = begun + day
      const of: readonly [number, number] = months ? [day, size] : [offset, length]
      if (!isDayNamed && day + 1 !== ofDay) continue
      if (monthDays && !isNamed(monthDays, day, size)) continue
      if (yearDays && !isNamed(yearDays, offset, length)) continue
      if (byDay && !isWeekdayNamed(byDay, (weekday + offset) % WEEK, ...of)) continue
      found.push(offset)
    }
    begun += size
  }
  return found
}

/** Week 1 is the first that has four days of the year. */
const weekOne = (weekday: number, begins: number): number => {
  const before = modulo(weekday - begins, WEEK)
  return before <= 3 ? -before : WEEK - before
}

const daysOfWeeks = (rule: Rule, { length, weekday }: Shape, ofFirst: number): number[] => {
  const { BYWEEKNO: numbers = [], BYMONTH: months } = rule.lists
  const begins = indexOf(rule.weekStart)
  const one = weekOne(weekday, begins)
  const weeks = (length + weekOne((weekday + length) % WEEK, begins) - one) / WEEK
  const named = rule.byDay?.map(({ day }) => indexOf(day)) ?? [ofFirst]
  const found = numbersTo(weeks)
    .filter((week) => isNamed(numbers, week, weeks))
    .flatMap((week) => named.map((day) => one + week * WEEK + modulo(day - begins, WEEK)))
  const base = yearStart(
    length === 366 ? (leapYears[weekday] as number) : (commonYears[weekday] as number),
  )
  return found
    .filter((offset) => !months || months.includes(monthOf(base + offset)))
    .sort((a, b) => a - b)
}

/** A year that begins on each weekday. */
const commonYears = [2018, 2019, 2014, 2015, 2010, 2011, 2017]
const leapYears = [2024, 2008, 2020, 2004, 2016, 2000, 2012]

export const numbersTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i)

/** Does a list name what is at `offset` of so many, from either end? */
export const isNamed = (values: readonly number[], offset: number, length: number): boolean =>
  values.includes(offset + 1) || values.includes(offset - length)

const isWeekdayNamed = (
  byDay: NonNullable<Rule['byDay']>,
  weekday: number,
  offset: number,
  length: number,
): boolean =>
  byDay.some(
    ({ nth, day }) =>
      indexOf(day) === weekday &&
      (nth === undefined ||
        nth === Math.floor(offset / WEEK) + 1 ||
        nth === -Math.floor((length - 1 - offset) / WEEK) - 1),
  )

/** Months and years of the same length that begin on the same weekday have the same days. */
const cached = (
  daysOf: (length: number, weekday: number) => number[],
): ((length: number, weekday: number) => number[]) => {
  const known = new Map<number, number[]>()
  return (length, weekday) => {
    const key = length * WEEK + weekday
    const days = known.get(key) ?? daysOf(length, weekday)
    known.set(key, days)
    return days
  }
}
