// What the formats have in common: how their texts become the values of tasks.
import { Temporal } from 'temporal-polyfill'
import { instantIn } from '../../core/schemas.ts'
import { isTimeZone } from '../../core/time-zones.ts'
import { isDate, isDateTime, type WallTime } from '../../core/wall-clock.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import type { Found, Note } from './row.ts'

/** Of a file that ends in the middle. */
export const CUT_OFF =
  'The file ends in the middle. What is complete before its end was read, as the counts say.'

export const note = (code: string, field: string, detail: string): Note => ({ code, field, detail })

/** What is wrong with the file as a whole: the import fails. */
export const ofFile = (code: string, failure: string): Found => ({
  row: 0,
  title: '',
  item: undefined,
  failure,
  notes: [note(code, '', failure)],
})

/** What a table has under a word of a file, which may be `constructor`. */
export const inTable = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined

/** Text of a file, short enough for a line of a report. */
export const shown = (text: string, most = 80): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`

/** An instant of RFC 3339, with any offset. */
export const instantFrom = (text: string): Instant | null => {
  const ms = instantIn(text)
  return ms === undefined ? null : instantOf(ms)
}

/** `20261101T080000Z`, as iCalendar and Taskwarrior write it. */
export const compactInstant = (text: string): Instant | null => {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  return y === undefined ? null : instantFrom(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
}

/** The first millisecond of a day in a zone. */
export const startOfDay = (date: string, timeZone: string): Instant =>
  instantOf(Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds)

/** The day of an instant in a zone, and its wall clock: `2026-12-01`, `2026-12-01T09:00:00`. */
export const wallAt = (ms: number, timeZone: string): { date: string; datetime: string } => {
  const plain = Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
  return {
    date: plain.toPlainDate().toString(),
    datetime: plain.toString({ smallestUnit: 'second', roundingMode: 'floor' }),
  }
}

export const dayOf = (date: string): WallTime | null =>
  isDate(date) ? { kind: 'day', date } : null

/** A wall clock in a zone; floating where there is none. Null for what does not exist. */
export const timeOf = (datetime: string, timeZone: string | null): WallTime | null => {
  if (!isDateTime(datetime)) return null
  if (timeZone === null || !isTimeZone(timeZone)) return { kind: 'floating', datetime }
  return { kind: 'zoned', datetime, time_zone: timeZone }
}

/** Minutes of an ISO 8601 duration, as in `PT1H30M`; undefined where it has none. */
export const minutesOf = (duration: string): number | undefined => {
  const match =
    /^(-)?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/.exec(
      duration.replace(/^\+/, ''),
    )
  if (!match || duration.endsWith('P') || duration.endsWith('T')) return undefined
  const [weeks, days, hours, minutes, seconds] = match.slice(2).map((n) => Number(n ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const all = weeks * 10_080 + days * 1_440 + hours * 60 + minutes + Math.round(seconds / 60)
  return match[1] ? -all : all
}

/** FNV-1a with 53 bits of multiplication: tells rows of one file apart, and protects nothing. */
const digest = (text: string): string => {
  let [a, b] = [0x811c9dc5, 0x9e3779b1]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36)
}

/** Keys for rows that have no id: by their content, and by how many equal ones came before. */
export const createContentKeys = () => {
  const seen = new Map<string, number>()
  return (...content: readonly string[]): string => {
    const key = digest(content.join('\u0000')) + content.join('').length.toString(36)
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return count === 0 ? key : `${key}.${count}`
  }
}
