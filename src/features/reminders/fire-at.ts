// The instant at which a trigger means to fire.
import { Temporal } from 'temporal-polyfill'
import { storedZone } from '../../core/time-zones.ts'
import { instantIn, type WallTime } from '../../core/wall-clock.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import type { Trigger } from './schemas.ts'

/** The times of a task that reminders count from. */
export type TaskTimes = { readonly start: WallTime | null; readonly due: WallTime | null }

/** What of its user a reminder depends on. */
export type Settings = { readonly timeZone: string; readonly reminderTime: string }

type Relative = Extract<Trigger, { kind: 'minutes' | 'days' }>
export const isRelative = (trigger: Trigger): trigger is Relative =>
  trigger.kind === 'minutes' || trigger.kind === 'days'

const MINUTE = 60_000
const FIRST = Date.UTC(1000)
const LAST = Date.UTC(9999)
const stored = (ms: number): Instant | null => (ms >= FIRST && ms < LAST ? instantOf(ms) : null)
/** What lies outside the years that every database holds never fires. */
const inRange = (instant: () => Instant): Instant | null => {
  try {
    return stored(Date.parse(instant()))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const instantOfWall = (time: WallTime, { timeZone, reminderTime }: Settings): Instant => {
  if (time.kind === 'zoned') return instantIn(time.datetime, storedZone(time.time_zone))
  const wall = time.kind === 'day' ? `${time.date}T${reminderTime}:00` : time.datetime
  return instantIn(wall, storedZone(timeZone))
}

const daysBefore = (
  time: WallTime,
  { days, time: given }: Extract<Relative, { kind: 'days' }>,
  settings: Settings,
): Instant => {
  const wall = time.kind === 'day' ? time.date : time.datetime
  const clock = given ?? (time.kind === 'day' ? settings.reminderTime : wall.slice(11))
  const day = Temporal.PlainDate.from(wall.slice(0, 10)).subtract({ days })
  const zone = time.kind === 'zoned' ? time.time_zone : settings.timeZone
  return instantIn(`${day}T${clock}`, storedZone(zone))
}

/**
 * When a reminder fires: null where the task has no time to count from. Minutes are elapsed time;
 * days are days of the calendar in the zone of the time that they count from. Gaps and overlaps as
 * `instantIn` has them.
 */
export const fireAtOf = (
  trigger: Trigger,
  times: TaskTimes,
  settings: Settings,
): Instant | null => {
  if (trigger.kind === 'instant') return trigger.at
  if (!isRelative(trigger)) return inRange(() => instantOfWall(trigger, settings))
  const time = times[trigger.before]
  if (time === null) return null
  if (trigger.kind === 'days') return inRange(() => daysBefore(time, trigger, settings))
  return inRange(() =>
    instantOf(Date.parse(instantOfWall(time, settings)) - trigger.minutes * MINUTE),
  )
}

/** The zone that a trigger is calculated in; undefined for an instant. */
export const zoneOf = (
  trigger: Trigger,
  times: TaskTimes,
  { timeZone }: Settings,
): string | undefined => {
  if (trigger.kind === 'instant') return undefined
  const time = isRelative(trigger) ? times[trigger.before] : trigger
  return time?.kind === 'zoned' ? time.time_zone : timeZone
}

/**
 * How far a due goes to the next occurrence: by so many days, and where a day has several, from one
 * clock to another.
 */
export type Advance = {
  readonly days: number
  readonly clocks?: { readonly from: WallTime; readonly to: WallTime }
}

/**
 * A trigger with a time of its own, as much later as the due: by days at the same clock, an instant
 * by the clock of the due or start of its task, or of its user. Between clocks an instant moves by
 * the time that passes, so that it stays as far before the due also where clocks change. One that
 * counts from the task stays as it is.
 */
export const movedBy = (
  { days, clocks }: Advance,
  trigger: Trigger,
  { due, start }: TaskTimes,
  settings: Settings,
): Trigger => {
  if (isRelative(trigger)) return trigger
  if (trigger.kind === 'day') return { ...trigger, date: laterDate(trigger.date, days) }
  if (trigger.kind !== 'instant')
    return { ...trigger, datetime: laterClock(trigger.datetime, days, clocks) }
  if (clocks) {
    const msOf = (time: WallTime) => Date.parse(instantOfWall(time, settings))
    const passed = msOf(clocks.to) - msOf(clocks.from)
    return { kind: 'instant', at: stored(Date.parse(trigger.at) + passed) ?? trigger.at }
  }
  const time = due ?? start
  const zone = storedZone(time?.kind === 'zoned' ? time.time_zone : settings.timeZone)
  const later = Temporal.Instant.from(trigger.at).toZonedDateTimeISO(zone).add({ days })
  return { kind: 'instant', at: stored(later.epochMilliseconds) ?? trigger.at }
}

const laterClock = (datetime: string, days: number, clocks: Advance['clocks']): string => {
  if (clocks === undefined) return laterDate(datetime.slice(0, 10), days) + datetime.slice(10)
  const [from, to] = [clocks.from, clocks.to].map((time) =>
    Temporal.PlainDateTime.from(time.kind === 'day' ? time.date : time.datetime),
  ) as [Temporal.PlainDateTime, Temporal.PlainDateTime]
  const later = Temporal.PlainDateTime.from(datetime)
    .add(from.until(to, { largestUnit: 'hours' }))
    .toString({ smallestUnit: 'second' })
  return isStored(later) ? later : datetime
}

const LAST_DATE = '9998-12-31'
const isStored = (wall: string): boolean => /^\d{4}-/.test(wall) && wall.slice(0, 10) <= LAST_DATE
const laterDate = (date: string, days: number): string => {
  const later = Temporal.PlainDate.from(date).add({ days }).toString()
  return isStored(later) ? later : date
}
