// ical.js parses the properties one by one, so that one which is wrong costs no other.
import ICAL from 'ical.js'
import type { Setting } from '../row.ts'
import type { Property } from './ics-components.ts'

/** A property as jCal (RFC 7265) has it. */
export type Parsed = {
  readonly params: Readonly<Record<string, string | readonly string[]>>
  readonly type: string
  readonly values: readonly unknown[]
}

/** Of a date that says nothing of its kind, which is wrong and frequent. */
const DATES = /^(?:DUE|DTSTART|RECURRENCE-ID|EXDATE|COMPLETED)$/
const corrected = ({ name, behind }: Property): string =>
  DATES.test(name) && /^:\d{8}$/.test(behind) ? `${name};VALUE=DATE${behind}` : `${name}${behind}`

/** Throws where it is none. */
export const parseProperty = (property: Property): Parsed => {
  const [, params, type, ...values] = ICAL.parse.property(
    corrected(property),
    ICAL.design.icalendar,
  ) as unknown as [string, Parsed['params'], string, ...unknown[]]
  return { params, type, values }
}

export type Calendar = Setting & {
  /** The zone that a TZID of this file means. */
  zone(tzid: string): string | undefined
  /** The name of the calendar. */
  readonly name: string | undefined
}
