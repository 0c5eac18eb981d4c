// The slots of a series: its first time and a rule. They are wall clocks, iterated as if in UTC, so
// that a daily 02:30 is on the day of a gap, too; when that is an instant, the zone says.
import type { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { isDate, type WallTime } from '../wall-clock.ts'
import { countCalendar, type Span } from './count.ts'
import { openHours } from './hours.ts'
import { patternOf, type Rule, RuleFault, type Weekday, weekdays } from './rule.ts'
import { lastWall } from './until.ts'

/** What one look for a slot may cost: periods of the rule, and times in them. */
export const MAX_PERIODS = 400
const MAX_CANDIDATES = 10_000

export type Series = {
  readonly starts: WallTime
  /**
   * The first slot behind a wall clock; undefined where the series has ended. COUNT is left to the
   * caller, who knows how many slots were before.
   */
  after(wall: string): WallTime | undefined
  /** How many slots there are in a span: it costs no more for many. UNTIL is left out. */
  count(span: Span): number
}

/**
 * The series of a rule whose first slot is `starts`, also where the rule alone would not select it
 * ("DTSTART always counts as the first occurrence"). What iterates is loaded with the first series.
 */
export const openSeries = async (rule: Rule, starts: WallTime): Promise<Series> => {
  const first = wallOf(starts)
  const last = lastWall(rule, starts)
  const hours = rule.frequency === 'HOURLY' ? openHours(rule, starts) : undefined
  const step = hours?.after ?? (await calendar(rule, starts))
  const after = (wall: string): WallTime | undefined => {
    const from = likeWall(wall, starts)
    const found = from < first ? first : step(from)
    if (found === undefined || !isDate(found.slice(0, 10))) return undefined
    return last !== undefined && found > last ? undefined : withWall(starts, found)
  }
  const count = ({ after: from, upTo, most }: Span): number => {
    const span = { after: likeWall(from, starts), upTo: likeWall(upTo, starts), most }
    return hours ? hours.count(span) : countCalendar(onWeekday(rule, first), first, span)
  }
  return { starts, after, count }
}

/** Throws RuleFault `never_occurs` where the rule selects nothing from the first time on. */
export const expectSlots = async (rule: Rule, starts: WallTime): Promise<void> => {
  const last = lastWall(rule, starts)
  if (last !== undefined && wallOf(starts) > last)
    throw new RuleFault('UNTIL', 'this is before the first time.', 'never_occurs')
  if (rule.frequency === 'HOURLY') return
  const selects = await calendar(rule, starts, true)
  if (selects(wallOf(starts)) === undefined)
    throw new RuleFault(
      'RRULE',
      `it selects no time within ${MAX_PERIODS} of its periods.`,
      'never_occurs',
    )
}

export const wallOf = (time: WallTime): string => (time.kind === 'day' ? time.date : time.datetime)

/** The same kind of time at another wall clock. */
export const withWall = (like: WallTime, wall: string): WallTime =>
  like.kind === 'day' ? { ...like, date: wall } : { ...like, datetime: wall }

/** A wall clock as those of the series are, which another rule may have made. */
const likeWall = (wall: string, { kind }: WallTime): string => {
  if (kind === 'day') return wall.slice(0, 10)
  return wall.length === 10 ? `${wall}T00:00:00` : wall
}

type Step = (from: string) => string | undefined

/** As rrule-temporal iterates. It is large and seldom needed: loaded with the first rule. */
const calendar = async (rule: Rule, starts: WallTime, inclusive = false): Promise<Step> => {
  const { RRuleTemporal } = await import('rrule-temporal')
  const isDay = starts.kind === 'day'
  const iterator: RRuleTemporal = new RRuleTemporal({
    rruleString: `RRULE:${iterablePattern(rule, wallOf(starts))}`,
    dtstart: inUtc(wallOf(starts)),
    tzid: 'UTC',
    maxIterations: MAX_PERIODS,
    maxCandidateEvaluations: MAX_CANDIDATES,
    cache: false,
  })
  return (from) => {
    const found = nextOf(iterator, from, inclusive)
    return found?.slice(0, isDay ? 10 : 19)
  }
}

const inUtc = (wall: string) => {
  const text = `${wall.length === 10 ? `${wall}T00:00:00` : wall}+00:00[UTC]`
  return { timeZoneId: 'UTC', toString: () => text }
}

const nextOf = (iterator: RRuleTemporal, from: string, inclusive: boolean): string | undefined => {
  try {
    return iterator.next(inUtc(from), inclusive)?.toString()
  } catch (error) {
    // What lies so far away is no slot any more.
    if (error instanceof Error && /^Maximum /.test(error.message)) return undefined
    throw error
  }
}

/** The rule in a form that rrule-temporal 2.2.8 iterates well. */
const iterablePattern = (rule: Rule, first: string): string =>
  patternOf(everyWeekdayNumbered(byMonths(onWeekday(rule, first))))

/** A week by its number alone means the weekday of the first time in it. */
const onWeekday = (rule: Rule, first: string): Rule => {
  if (!rule.lists.BYWEEKNO || rule.byDay) return rule
  const day = weekdays[Temporal.PlainDate.from(first.slice(0, 10)).dayOfWeek - 1] as Weekday
  return { ...rule, byDay: [{ nth: undefined, day }] }
}

/**
 * A rule that takes each day of some months or weekdays, by months: day by day, the next 29 February
 * would be more periods away than are looked at.
 */
const byMonths = (rule: Rule): Rule => {
  const { frequency, interval, lists, byDay } = rule
  const isFiltered = byDay ?? lists.BYMONTH ?? lists.BYMONTHDAY
  if (frequency !== 'DAILY' || interval !== 1 || !isFiltered || lists.BYSETPOS) return rule
  const monthDays = lists.BYMONTHDAY ?? (byDay ? undefined : numbersTo(31))
  return {
    ...rule,
    frequency: 'MONTHLY',
    lists: { ...lists, ...(monthDays && { BYMONTHDAY: monthDays }) },
  }
}

/**
 * In a year, `WE,4SA` is every Wednesday and the fourth Saturday. The iterator leaves out what has no
 * number beside what has one: so every Wednesday is the first to the 52nd, and the last one.
 */
const everyWeekdayNumbered = (rule: Rule): Rule => {
  const { frequency, lists, byDay = [] } = rule
  const isMixed = byDay.some(({ nth }) => nth === undefined) && byDay.some(({ nth }) => nth)
  if (frequency !== 'YEARLY' || lists.BYMONTH || !isMixed) return rule
  const each = [...numbersTo(52), -1]
  return {
    ...rule,
    byDay: byDay.flatMap((one) =>
      one.nth === undefined ? each.map((nth) => ({ nth, day: one.day })) : [one],
    ),
  }
}

const numbersTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1)
