// Reads a rule part by part, and says which part is wrong.
import { grouped } from '../grouped.ts'
import { isDate } from '../wall-clock.ts'
import { expectPossible } from './possible.ts'
import {
  type ByDay,
  type Frequency,
  frequencies,
  type NumberList,
  numberLists,
  type Rule,
  RuleFault,
  type Weekday,
  weekdays,
} from './rule.ts'

export const MAX_RULE = 500
const MAX_INTERVAL = 999
const MAX_COUNT = 9_999
const MAX_VALUES = 24

const PARTS: ReadonlySet<string> = new Set([
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'BYDAY',
  'WKST',
  ...numberLists,
])
/** Known to the RFC, and more often than a task can be done. */
const TOO_OFTEN: ReadonlySet<string> = new Set(['SECONDLY', 'MINUTELY', 'BYSECOND', 'BYMINUTE'])

/** The least (0 where 0 counts) and the greatest value; `signed`: also from the end. */
const ranges: Record<NumberList, { least: number; most: number; signed: boolean }> = {
  BYMONTH: { least: 1, most: 12, signed: false },
  BYWEEKNO: { least: 1, most: 53, signed: true },
  BYYEARDAY: { least: 1, most: 366, signed: true },
  BYMONTHDAY: { least: 1, most: 31, signed: true },
  BYHOUR: { least: 0, most: 23, signed: false },
  BYSETPOS: { least: 1, most: 366, signed: true },
}

/** The rule that a text says. Throws RuleFault. */
export const parseRule = (text: string): Rule => {
  if (text.length > MAX_RULE)
    throw new RuleFault('RRULE', `a rule has at most ${MAX_RULE} characters.`)
  const parts = partsOf(text)
  const lists: Partial<Record<NumberList, readonly number[]>> = {}
  for (const name of numberLists) {
    const given = parts.get(name)
    if (given !== undefined) lists[name] = numbersOf(name, given)
  }
  const byDay = parts.get('BYDAY')
  const rule: Rule = {
    frequency: frequencyOf(parts.get('FREQ')),
    interval: parts.has('INTERVAL') ? numberOf('INTERVAL', parts.get('INTERVAL'), MAX_INTERVAL) : 1,
    count: parts.has('COUNT') ? numberOf('COUNT', parts.get('COUNT'), MAX_COUNT) : undefined,
    until: parts.has('UNTIL') ? untilOf(parts.get('UNTIL') as string) : undefined,
    lists,
    byDay: byDay === undefined ? undefined : daysOf(byDay),
    weekStart: weekStartOf(parts.get('WKST')),
  }
  if (rule.count !== undefined && rule.until !== undefined)
    throw new RuleFault('UNTIL', 'a rule has COUNT or UNTIL, not both.')
  if (rule.frequency === 'HOURLY') expectBare(parts)
  expectPossible(rule)
  return rule
}

const partsOf = (text: string): Map<string, string> => {
  const parts = new Map<string, string>()
  for (const part of text
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const [name = '', value = '', ...more] = part.split('=')
    const shown = name.slice(0, 30)
    if (name === '' || value === '' || more.length > 0)
      throw new RuleFault(shown || 'RRULE', 'a rule consists of NAME=VALUE, with ; in between.')
    if (TOO_OFTEN.has(name)) throw new RuleFault(shown, 'a task recurs once an hour at most.')
    if (!PARTS.has(name)) throw new RuleFault(shown, 'there is no such part.')
    if (parts.has(name)) throw new RuleFault(shown, 'this part is there twice.')
    parts.set(name, value)
  }
  return parts
}

const frequencyOf = (given: string | undefined): Frequency => {
  if (given === undefined) throw new RuleFault('FREQ', 'this part is missing.')
  if (TOO_OFTEN.has(given)) throw new RuleFault('FREQ', 'a task recurs once an hour at most.')
  if (!(frequencies as readonly string[]).includes(given))
    throw new RuleFault('FREQ', `this takes one of ${frequencies.join(', ')}.`)
  return given as Frequency
}

const numberOf = (part: string, given: string | undefined, most: number): number => {
  if (!/^\d{1,4}$/.test(given ?? '') || Number(given) < 1 || Number(given) > most)
    throw new RuleFault(part, `this takes a number from 1 to ${grouped(most)}.`)
  return Number(given)
}

const untilOf = (given: string): string => {
  const [, year, month, day, time] =
    /^(\d{4})(\d\d)(\d\d)(T(?:[01]\d|2[0-3])(?:[0-5]\d){2}Z?)?$/.exec(given) ?? []
  if (!isDate(`${year}-${month}-${day}`))
    throw new RuleFault(
      'UNTIL',
      'this takes a date such as 20261231, or a time such as 20261231T080000Z, of the years 1000 to 9998.',
    )
  return `${year}${month}${day}${time ?? ''}`
}

const weekStartOf = (given = 'MO'): Weekday => {
  if (!(weekdays as readonly string[]).includes(given))
    throw new RuleFault('WKST', `this takes one of ${weekdays.join(', ')}.`)
  return given as Weekday
}

const valuesOf = (part: string, given: string): string[] => {
  const values = given.split(',')
  if (values.length > MAX_VALUES)
    throw new RuleFault(part, `this takes at most ${MAX_VALUES} values.`)
  return values
}

const numbersOf = (part: NumberList, given: string): number[] => {
  const { least, most, signed } = ranges[part]
  const numbers = valuesOf(part, given).map((text) => {
    const value = /^[+-]?\d{1,3}$/.test(text) ? Number(text) : Number.NaN
    const size = signed ? Math.abs(value) : value
    if (!(size >= least && size <= most))
      throw new RuleFault(
        part,
        `this takes numbers from ${least} to ${most}${signed ? `, or from -${most} to -1` : ''}.`,
      )
    return value
  })
  return [...new Set(numbers)].sort((a, b) => a - b)
}

const daysOf = (given: string): ByDay[] => {
  const days = valuesOf('BYDAY', given).map((text): ByDay => {
    const [, nth, day] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text) ?? []
    if (day === undefined || Number(nth) === 0)
      throw new RuleFault('BYDAY', 'this takes weekdays such as MO, 1MO or -1FR.')
    return { nth: nth === undefined ? undefined : Number(nth), day: day as Weekday }
  })
  const rank = ({ nth, day }: ByDay) => weekdays.indexOf(day) * 1_000 + (nth ?? -500)
  const ranked = new Map(days.map((day) => [rank(day), day]))
  return [...ranked].sort(([a], [b]) => a - b).map(([, day]) => day)
}

const expectBare = (parts: ReadonlyMap<string, string>): void => {
  const bare = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL'])
  const more = [...parts.keys()].find((name) => !bare.has(name))
  if (more !== undefined)
    throw new RuleFault(
      more,
      'with FREQ=HOURLY a rule has INTERVAL, COUNT and UNTIL, and no other part.',
    )
}
