// When an alarm goes off (RFC 5545, 3.8.6.3), and what a reminder here has for that.
import type { WallTime } from '../../core/wall-clock.ts'
import type { ReminderTrigger } from '../reminders/index.ts'

type Relative = Extract<ReminderTrigger, { kind: 'minutes' | 'days' }>

const DAY = 24 * 60
const minutesIn = (clock: string): number =>
  Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
const clockOf = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')).join(':')

const durationText = (minutes: number): string => {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return `PT${hours > 0 ? `${hours}H` : ''}${rest > 0 ? `${rest}M` : ''}`
}

const minutesBefore = (
  trigger: Relative,
  time: WallTime | null,
  reminderTime: string,
): number | undefined => {
  if (trigger.kind === 'minutes')
    return trigger.minutes - (time?.kind === 'day' ? minutesIn(reminderTime) : 0)
  if (time?.kind === 'day') return trigger.days * DAY - minutesIn(trigger.time ?? reminderTime)
  if (trigger.time === null || time === null) return undefined
  return trigger.days * DAY + minutesIn(time.datetime.slice(11)) - minutesIn(trigger.time)
}

/**
 * The duration of a reminder that counts from `time`, which begins at midnight where it is a day.
 * What is no whole number of minutes away, or depends on a time that is not there, is about right.
 */
export const durationOf = (
  trigger: Relative,
  time: WallTime | null,
  reminderTime: string,
): string => {
  const minutes = minutesBefore(trigger, time, reminderTime)
  if (minutes !== undefined)
    return minutes === 0 ? 'PT0S' : `${minutes > 0 ? '-' : ''}${durationText(Math.abs(minutes))}`
  const days = trigger.kind === 'days' ? trigger.days : 0
  return `${days > 0 ? '-' : ''}P${Math.abs(days)}D`
}

/** The reminder that a duration means, so many `minutes` before `time`. */
export const triggerOf = (
  duration: string,
  minutes: number,
  { before, time }: { readonly before: Relative['before']; readonly time: WallTime | null },
): Relative => {
  if (time?.kind === 'day') {
    const days = Math.ceil(minutes / DAY) + 0
    return { kind: 'days', before, days, time: clockOf(days * DAY - minutes) }
  }
  // Days of the calendar, which may have 23 hours.
  if (/^[+-]?P\d+[DW]$/.test(duration))
    return { kind: 'days', before, days: minutes / DAY + 0, time: null }
  return { kind: 'minutes', before, minutes }
}
