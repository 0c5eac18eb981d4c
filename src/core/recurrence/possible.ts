// Which parts of a rule go together (RFC 5545, 3.3.10), and which can select anything at all: told
// without iterating.
import { type ByDay, type NumberList, type Rule, RuleFault } from './rule.ts'

/** All combinations of a rule's lists. */
const MAX_COMBINATIONS = 400
/** Times that one period (a week, a month) may have. */
const MAX_CANDIDATES = 1_000
/** The greatest number of a weekday in a month, and in a year: some years have a 53rd one, which rrule-temporal 2.2.8 puts into the next year in the others. */
const MOST_IN_MONTH = 5
const MOST_IN_YEAR = 52

const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Throws RuleFault. */
export const expectPossible = (rule: Rule): void => {
  expectPartsOfFrequency(rule)
  expectAlone(rule)
  expectOrdinals(rule)
  expectFew(rule)
  expectPositions(rule)
  expectDayOfMonth(rule)
}

const only: readonly { part: NumberList; not: readonly Rule['frequency'][] }[] = [
  { part: 'BYWEEKNO', not: ['DAILY', 'WEEKLY', 'MONTHLY'] },
  { part: 'BYYEARDAY', not: ['DAILY', 'WEEKLY', 'MONTHLY'] },
  { part: 'BYMONTHDAY', not: ['WEEKLY'] },
]

const expectPartsOfFrequency = ({ frequency, lists, byDay }: Rule): void => {
  for (const { part, not } of only)
    if (lists[part] && not.includes(frequency))
      throw new RuleFault(part, `this does not go with FREQ=${frequency}.`)
  const selects = byDay ?? Object.entries(lists).find(([name]) => name !== 'BYSETPOS')
  if (lists.BYSETPOS && !selects)
    throw new RuleFault('BYSETPOS', 'this needs another part with BY, to select from.')
}

/**
 * What names days of a year by number or by week goes with no other part that names days: they
 * would limit each other, and rrule-temporal 2.2.8 takes the days of either.
 */
const expectAlone = ({ lists, byDay }: Rule): void => {
  const others: readonly [NumberList, readonly [string, unknown][]][] = [
    [
      'BYYEARDAY',
      [
        ['BYMONTHDAY', lists.BYMONTHDAY],
        ['BYDAY', byDay],
        ['BYWEEKNO', lists.BYWEEKNO],
      ],
    ],
    ['BYWEEKNO', [['BYMONTHDAY', lists.BYMONTHDAY]]],
  ]
  for (const [part, excluded] of others) {
    const other = lists[part] && excluded.find(([, there]) => there)
    if (other) throw new RuleFault(part, `this does not go with ${other[0]}.`)
  }
}

const expectOrdinals = ({ frequency, lists, byDay = [] }: Rule): void => {
  const ordinals = byDay.flatMap(({ nth }) => (nth === undefined ? [] : [Math.abs(nth)]))
  if (ordinals.length === 0) return
  if (frequency !== 'MONTHLY' && frequency !== 'YEARLY')
    throw new RuleFault('BYDAY', `a number before a weekday does not go with FREQ=${frequency}.`)
  if (lists.BYWEEKNO)
    throw new RuleFault('BYDAY', 'a number before a weekday does not go with BYWEEKNO.')
  if (frequency === 'YEARLY' && lists.BYMONTHDAY)
    throw new RuleFault('BYDAY', 'a number before a weekday does not go with BYMONTHDAY here.')
  const most = frequency === 'YEARLY' && !lists.BYMONTH ? MOST_IN_YEAR : MOST_IN_MONTH
  if (Math.max(...ordinals) > most)
    throw new RuleFault('BYDAY', `here the number before a weekday is ${most} at most.`)
}

const expectFew = (rule: Rule): void => {
  const { lists, byDay } = rule
  const sizes = Object.entries(lists).map(([name, values]) =>
    name === 'BYSETPOS' ? 1 : values.length,
  )
  const combinations = sizes.reduce((product, size) => product * size, byDay?.length ?? 1)
  if (combinations > MAX_COMBINATIONS)
    throw new RuleFault('RRULE', `its lists have more than ${MAX_COMBINATIONS} combinations.`)
  if (candidatesOf(rule) > MAX_CANDIDATES)
    throw new RuleFault('RRULE', `it names more than ${MAX_CANDIDATES} times a period.`)
}

const expectPositions = (rule: Rule): void => {
  const most = candidatesOf(rule)
  if (rule.lists.BYSETPOS?.some((position) => Math.abs(position) > most))
    throw new RuleFault('BYSETPOS', `a period of this rule has ${most} times at most.`)
}

/** `least` of those that are there. */
const least = (...given: (number | undefined)[]): number | undefined => {
  const there = given.filter((one) => one !== undefined)
  return there.length === 0 ? undefined : Math.min(...there)
}

/** At most so many times are in one period of a rule. */
const candidatesOf = ({ frequency, lists, byDay }: Rule): number => {
  const hours = lists.BYHOUR?.length ?? 1
  const named = (each: number) =>
    byDay?.reduce((sum, { nth }: ByDay) => sum + (nth === undefined ? each : 1), 0)
  const days = {
    HOURLY: () => 1,
    DAILY: () => 1,
    WEEKLY: () => byDay?.length ?? 1,
    MONTHLY: () => least(lists.BYMONTHDAY?.length, named(5)) ?? 1,
    YEARLY: () => {
      const months = lists.BYMONTH?.length
      const monthDays = lists.BYMONTHDAY && lists.BYMONTHDAY.length * (months ?? 12)
      const weeks = lists.BYWEEKNO && lists.BYWEEKNO.length * (byDay ? byDay.length : 1)
      const weekdays = months === undefined ? named(53) : (named(5) ?? 1) * months
      return (
        least(monthDays, weeks, lists.BYYEARDAY?.length, byDay ? weekdays : undefined) ??
        months ??
        1
      )
    },
  }[frequency]()
  return days * hours
}

const expectDayOfMonth = ({ lists: { BYMONTH: months, BYMONTHDAY: days } }: Rule): void => {
  if (!months || !days) return
  const most = Math.max(...months.map((month) => longest[month - 1] ?? 0))
  if (days.every((day) => Math.abs(day) > most))
    throw new RuleFault('BYMONTHDAY', 'none of its months has such a day.', 'never_occurs')
}
