// Dates and times of tasks, in the three kinds that a due or a start can have. Temporal calculates.
import { Temporal } from 'temporal-polyfill'
import { type Instant, instantOf } from '../db/instant.ts'

/** All day, floating (the same wall clock in every zone), or zoned. */
export type WallTime =
  | { readonly kind: 'day'; readonly date: string }
  | { readonly kind: 'floating'; readonly datetime: string }
  | { readonly kind: 'zoned'; readonly datetime: string; readonly time_zone: string }

/** A wall time in its three columns. `wall` is '' for none. */
export type WallColumns = {
  readonly wall: string
  readonly zone: string | null
  readonly at: Instant | null
}

const noWallTime: WallColumns = { wall: '', zone: null, at: null }

/**
 * Converts a wall time to columns. In a gap of daylight saving time the offset before the gap
 * applies. In an overlap it is the first of the two instants (RFC 5545, 3.3.5). Temporal calls that
 * `compatible`.
 */
export const toColumns = (time: WallTime | null): WallColumns => {
  if (time === null) return noWallTime
  if (time.kind === 'day') return { wall: time.date, zone: null, at: null }
  if (time.kind === 'floating') return { wall: time.datetime, zone: null, at: null }
  const zoned = Temporal.PlainDateTime.from(time.datetime).toZonedDateTime(time.time_zone, {
    disambiguation: 'compatible',
  })
  return { wall: time.datetime, zone: time.time_zone, at: instantOf(zoned.epochMilliseconds) }
}

export const fromColumns = (wall: string, zone: string | null): WallTime | null => {
  if (wall === '') return null
  if (wall.length === 10) return { kind: 'day', date: wall }
  return zone === null
    ? { kind: 'floating', datetime: wall }
    : { kind: 'zoned', datetime: wall, time_zone: zone }
}

/** The wall clock in `zone` at `ms`, as in `2026-12-01T09:00:00`. */
export const wallClockAt = (ms: number, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second', roundingMode: 'floor' })

/**
 * Whether a text is an existing date, as in `2026-12-01`, from the year 1000 to 9998. Every
 * database can store these in every zone.
 */
export const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && exists(text)

/**
 * Whether a text is a date and time without an offset, as in `2026-12-01T09:00:00`, in the same
 * years.
 */
export const isDateTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text) && exists(text.slice(0, 10))

const FIRST_DATE = '1000-01-01'
const LAST_DATE = '9998-12-31'
/** Engines parse 30 February as 2 March, or not at all. */
const exists = (date: string): boolean => {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return (
    date >= FIRST_DATE && date <= LAST_DATE && !Number.isNaN(ms) && instantOf(ms).startsWith(date)
  )
}

/**
 * Limits the cache. The time zone database has some 600 names, but Intl accepts them in any case,
 * so clients could make up more.
 */
const MAX_ZONES = 1000
const zones = new Map<string, boolean>()

/**
 * Whether a text is a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`.
 * Offsets are not names.
 */
export const isTimeZone = (name: string): boolean => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const valid = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name) && isKnownToIntl(name)
  if (valid && zones.size < MAX_ZONES) zones.set(name, valid)
  return valid
}
const isKnownToIntl = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
