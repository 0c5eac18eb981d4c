// Content lines of iCalendar (RFC 5545, 3.1), printed by ical.js.
import ICAL from 'ical.js'
import type { WallTime } from '../../core/wall-clock.ts'

// It counts the blank of a folded line beside the 75 octets that there may be (RFC 5545, 3.1).
ICAL.foldLength = 74

type Params = Readonly<Record<string, string>>

export const print = (
  name: string,
  type: string,
  values: readonly unknown[],
  params: Params = {},
): string =>
  ICAL.stringify.property(
    [name.toLowerCase(), params, type, ...values] as never,
    ICAL.design.icalendar,
    false,
  )

/** A text may have line ends of any kind. */
export const text = (name: string, value: string, params?: Params): string =>
  print(name, 'text', [value.replace(/\r\n?/g, '\n')], params)
export const instant = (name: string, value: string): string =>
  print(name, 'date-time', [`${value.slice(0, 19)}Z`])

export const wall = (name: string, time: WallTime): string => {
  if (time.kind === 'day') return print(name, 'date', [time.date])
  if (time.kind === 'floating') return print(name, 'date-time', [time.datetime])
  return time.time_zone === 'UTC'
    ? print(name, 'date-time', [`${time.datetime}Z`])
    : print(name, 'date-time', [time.datetime], { tzid: time.time_zone })
}

const END = '\r\n'
export const joined = (lines: readonly string[]): string => lines.map((line) => line + END).join('')
