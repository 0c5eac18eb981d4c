// Dates and times of tasks, in the three kinds that a due or a start can have. Temporal calculates.
import { Temporal } from 'temporal-polyfill'
import { type Instant, instantOf } from '../db/instant.ts'
import { storedZone } from './time-zones.ts'

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
  return {
    wall: time.datetime,
    zone: time.time_zone,
    at: instantIn(time.datetime, storedZone(time.time_zone)),
  }
}

/** The wall clock and the zone of a time, without the instant that follows from them. */
export const toWall = (time: WallTime): readonly [wall: string, zone: string | null] => {
  if (time.kind === 'day') return [time.date, null]
  return [time.datetime, time.kind === 'zoned' ? time.time_zone : null]
}

/** The instant of a wall clock, as in `2026-12-01T09:00:00`, in a zone that Temporal knows. */
export const instantIn = (wall: string, zone: string): Instant =>
  instantOf(
    Temporal.PlainDateTime.from(wall).toZonedDateTime(zone, { disambiguation: 'compatible' })
      .epochMilliseconds,
  )

/** A zone that this runtime does not know is answered as what it is read as: UTC. */
export const fromColumns = (wall: string, zone: string | null): WallTime | null => {
  if (wall === '') return null
  if (wall.length === 10) return { kind: 'day', date: wall }
  return zone === null
    ? { kind: 'floating', datetime: wall }
    : { kind: 'zoned', datetime: wall, time_zone: storedZone(zone) }
}

/**
 * How far the wall clock has come. Wall clocks before `wall` have been reached, as in
 * `2026-12-01T09:00:00`, and `date` is the latest day that has begun.
 */
export type Reached = { readonly wall: string; readonly date: string }

/**
 * How far the wall clock in `zone` has come at `ms`. It never goes back: in the second pass of an
 * overlap it stands at the end of the first one, because a wall clock means the first of its two
 * instants.
 */
export const reachedAt = (ms: number, zone: string): Reached => {
  const plain = Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
  const first = plain.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const end =
    first.epochMilliseconds < ms
      ? first.getTimeZoneTransition('next')?.epochMilliseconds
      : undefined
  if (end === undefined) return { wall: toSeconds(plain), date: plain.toPlainDate().toString() }
  const wall = plain.add({ milliseconds: end - first.epochMilliseconds })
  const last = wall.subtract({ milliseconds: 1 })
  const latest = Temporal.PlainDateTime.compare(plain, last) > 0 ? plain : last
  return { wall: toSeconds(wall), date: latest.toPlainDate().toString() }
}
const toSeconds = (plain: Temporal.PlainDateTime): string =>
  plain.toString({ smallestUnit: 'second', roundingMode: 'floor' })

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

/** The same where the seconds may be left out, as HTML's `datetime-local` does. */
export const isDateTimeOrMinute = (text: string): boolean =>
  isDateTime(text) || isDateTime(withSeconds(text))
export const withSeconds = (text: string): string => (text.length === 16 ? `${text}:00` : text)

/** Does a date or an instant begin with a year that is not from 1000 to 9998? */
export const isYearOutside = (text: string): boolean => {
  const year = /^([+-]?\d{4,9})-\d\d/.exec(text)?.[1]
  return year !== undefined && (Number(year) < 1000 || Number(year) > 9998)
}

const FIRST_DATE = '1000-01-01'
const LAST_DATE = '9998-12-31'
/** Engines parse 30 February as 2 March, or not at all. */
const exists = (date: string): boolean => {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return (
    date >= FIRST_DATE && date <= LAST_DATE && !Number.isNaN(ms) && instantOf(ms).startsWith(date)
  )
}
