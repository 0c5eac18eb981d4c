// Dates as Todoist writes them: ISO dates, and English words for what recurs.
import { Temporal } from 'temporal-polyfill'
import type { WallTime } from '../../../core/wall-clock.ts'
import type { Recurrence } from '../row.ts'
import { dayOf, timeOf, wallAt } from '../values.ts'

export type Dated = {
  readonly due: WallTime | null
  readonly recurrence: Recurrence | null
  /** Whether the day was not in the file: the next one from the import on. */
  readonly guessed: boolean
}

const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su']
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*$/
const MONTH = new RegExp(`^(?:${MONTHS.join('|')})[a-z]*$`)
const ORDINAL = /^(\d{1,2})(?:st|nd|rd|th)?$/
const CLOCK = /(?:^|\s)(?:at\s+)?(\d{1,2})(?::(\d\d))?\s*(am|pm)?$/

const byDay = (word: string): string =>
  (DAYS.find((day) => word.startsWith(day)) ?? '').toUpperCase()

/** `9am`, `18:30` at the end of words; `09:00:00`. A number alone is no time. */
const clockIn = (words: string): { rest: string; clock: string | undefined } => {
  const [whole = '', h = '', m, half] = CLOCK.exec(words) ?? []
  if (whole === '' || (m === undefined && half === undefined))
    return { rest: words, clock: undefined }
  const hour = half === undefined ? Number(h) : (Number(h) % 12) + (half === 'pm' ? 12 : 0)
  if (hour > 23 || Number(m ?? 0) > 59) return { rest: words, clock: undefined }
  const clock = `${String(hour).padStart(2, '0')}:${m ?? '00'}:00`
  return { rest: words.slice(0, -whole.length).trim(), clock }
}

const UNITS: Readonly<Record<string, string>> = {
  day: 'DAILY',
  week: 'WEEKLY',
  month: 'MONTHLY',
  year: 'YEARLY',
}
const everyOther = (words: string): string => words.replace(/^other\b/, '2')

/** Days of the months, at most. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isDayOf = (day: number, most: number): boolean => day >= 1 && day <= most

/** The rule of what stands behind `every`; undefined for what is not understood. */
const ruleOf = (words: string): string | undefined => {
  const text = everyOther(words)
  if (text === 'workday' || text === 'weekday') return 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'
  if (text === 'weekend') return 'FREQ=WEEKLY;BYDAY=SA'
  if (text === 'last day') return 'FREQ=MONTHLY;BYMONTHDAY=-1'
  const [, count, unit = ''] = /^(?:(\d{1,3})\s+)?(day|week|month|year)s?$/.exec(text) ?? []
  if (unit !== '')
    return `FREQ=${UNITS[unit]}${Number(count ?? 1) > 1 ? `;INTERVAL=${Number(count)}` : ''}`
  const listed = text.split(/\s*(?:,|\band\b)\s*/).filter(Boolean)
  if (listed.length > 0 && listed.every((word) => DAY.test(word)))
    return `FREQ=WEEKLY;BYDAY=${listed.map(byDay).join(',')}`
  const [, nth = '', day = ''] = /^(\d|last)(?:st|nd|rd|th)?\s+([a-z]+)$/.exec(text) ?? []
  if (DAY.test(day) && (nth === 'last' || (Number(nth) >= 1 && Number(nth) <= 5)))
    return `FREQ=MONTHLY;BYDAY=${nth === 'last' ? -1 : nth}${byDay(day)}`
  if (
    listed.length > 0 &&
    listed.every((word) => ORDINAL.test(word) && isDayOf(Number.parseInt(word, 10), 31))
  )
    return `FREQ=MONTHLY;BYMONTHDAY=${listed.map((word) => Number.parseInt(word, 10)).join(',')}`
  const date = monthDay(text)
  return date && isDayOf(date.day, LONGEST[date.month - 1] ?? 31)
    ? `FREQ=YEARLY;BYMONTH=${date.month};BYMONTHDAY=${date.day}`
    : undefined
}

/** `dec 5`, `5 december`, `5th of dec`. */
const monthDay = (
  words: string,
): { month: number; day: number; year: number | undefined } | undefined => {
  const parts = words
    .replace(/\bof\b|,/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
  const [a = '', b = '', year] = parts
  const [name, nth] = MONTH.test(a) ? [a, b] : [b, a]
  if (!MONTH.test(name) || !ORDINAL.test(nth) || parts.length > 3) return undefined
  if (year !== undefined && !/^\d{4}$/.test(year)) return undefined
  const month = MONTHS.findIndex((one) => name.startsWith(one)) + 1
  return {
    month,
    day: Number.parseInt(nth, 10),
    year: year === undefined ? undefined : Number(year),
  }
}

/** The first day from `today` on that a rule of ours (one period, no interval) has. */
const firstOf = (rule: string, today: string): string | undefined => {
  const parts = new Map(rule.split(';').map((part) => part.split('=') as [string, string]))
  const days = parts.get('BYDAY')?.split(',')
  const monthDays = parts.get('BYMONTHDAY')?.split(',').map(Number)
  const month = Number(parts.get('BYMONTH') ?? 0)
  const fits = (date: Temporal.PlainDate): boolean => {
    if (month > 0 && date.month !== month) return false
    if (monthDays) return monthDays.some((n) => date.day === (n < 0 ? date.daysInMonth + 1 + n : n))
    if (!days) return true
    return days.some((day) => {
      if (DAYS[date.dayOfWeek - 1]?.toUpperCase() !== day.slice(-2)) return false
      const nth = Number.parseInt(day, 10)
      if (Number.isNaN(nth)) return true
      return nth < 0 ? date.day + 7 > date.daysInMonth : Math.ceil(date.day / 7) === nth
    })
  }
  // 29 February comes within eight years; no other day takes longer.
  const first = Temporal.PlainDate.from(today)
  const end = first.add({ years: 8 })
  for (let date = first; Temporal.PlainDate.compare(date, end) <= 0; ) {
    if (fits(date)) return date.toString()
    const isElsewhere = month > 0 && date.month !== month
    date = isElsewhere ? date.with({ day: 1 }).add({ months: 1 }) : date.add({ days: 1 })
  }
  return undefined
}

const at = (date: string, clock: string | undefined, zone: string | null): WallTime | null =>
  clock === undefined ? dayOf(date) : timeOf(`${date}T${clock}`, zone)

/**
 * A date of Todoist. `zone` is that of the row; null: floating. Undefined for words that are not
 * understood, or mean a day that only the time of the export tells (`tomorrow`).
 */
export const datedBy = (
  given: string,
  { zone, now, timeZone }: { zone: string | null; now: number; timeZone: string },
): Dated | undefined => {
  const text = given.trim().toLowerCase()
  const [, date = '', clock] =
    /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?$/.exec(text) ?? []
  if (date !== '') {
    const due = at(date, clock && (clock.length === 5 ? `${clock}:00` : clock), zone)
    return due === null ? undefined : { due, recurrence: null, guessed: false }
  }
  const { date: today } = wallAt(now, timeZone)
  const [, every = '', behind = ''] =
    /^(?:(every!?|ev!?|each)\s+|(?=daily$|weekly$|monthly$|yearly$))(.*)$/.exec(text) ?? []
  const words = { daily: 'day', weekly: 'week', monthly: 'month', yearly: 'year' }[behind] ?? behind
  if (words !== '') {
    const [body = '', starting] = words.split(/\s+(?:starting|from)\s+/)
    const timed = clockIn(body)
    const rule = ruleOf(timed.rest)
    if (rule === undefined || (starting !== undefined && dayOf(starting) === null)) return undefined
    const first = firstOf(rule, starting ?? today)
    const due = first === undefined ? null : at(first, timed.clock, zone)
    const anchor = every.endsWith('!') ? 'completion' : 'due'
    return due === null
      ? undefined
      : { due, recurrence: { rule, anchor, missed: 'skip', starts: null }, guessed: true }
  }
  const timed = clockIn(text)
  const named = monthDay(timed.rest)
  if (named === undefined) return undefined
  const year = named.year ?? Number(today.slice(0, 4))
  const iso = (y: number) =>
    `${y}-${String(named.month).padStart(2, '0')}-${String(named.day).padStart(2, '0')}`
  const due = at(
    named.year === undefined && iso(year) < today ? iso(year + 1) : iso(year),
    timed.clock,
    zone,
  )
  return due === null ? undefined : { due, recurrence: null, guessed: named.year === undefined }
}
