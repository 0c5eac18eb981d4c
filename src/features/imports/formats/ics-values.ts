// The values of a VTODO's properties, as tasks have them.
import { Temporal } from 'temporal-polyfill'
import type { WallTime } from '../../../core/wall-clock.ts'
import { instantOf } from '../../../db/instant.ts'
import { OWN, triggerOf } from '../../icalendar/index.ts'
import type { Note, Recurrence, Reminder, TaskItem } from '../row.ts'
import { dayOf, instantFrom, minutesOf, note, shown, timeOf } from '../values.ts'
import type { Component, Property } from './ics-components.ts'
import { type Calendar, type Parsed, parseProperty } from './ics-property.ts'

export const textOf = ({ values }: Parsed): string => String(values[0] ?? '')
export const paramOf = ({ params }: Parsed, name: string): string => {
  const value = params[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

/** Date and time in jCal: `2026-12-01`, `2026-12-01T09:00:00`, and with Z for UTC. */
export const wallOf = (
  parsed: Parsed,
  name: string,
  { calendar, notes }: Reading,
): WallTime | null => {
  const text = textOf(parsed)
  const tzid = paramOf(parsed, 'tzid')
  const made =
    text.length === 10
      ? dayOf(text)
      : timeOf(
          text.replace('Z', ''),
          text.endsWith('Z') ? 'UTC' : zoneNamed(tzid, name, { calendar, notes }),
        )
  if (made === null)
    notes.push(note('invalid_date', name, `${shown(text)} is no date of the years 1000 to 9998.`))
  return made
}

type Reading = { readonly calendar: Calendar; readonly notes: Note[] }

const zoneNamed = (tzid: string, name: string, { calendar, notes }: Reading): string | null => {
  if (tzid === '') return null
  const zone = calendar.zone(tzid)
  if (zone === undefined)
    notes.push(
      note('unknown_zone', name, `${shown(tzid)} is no time zone here: the time is floating.`),
    )
  else if (zone !== tzid) notes.push(note('other_zone', name, `${shown(tzid)} is read as ${zone}.`))
  return zone ?? null
}

type Times = { readonly start: WallTime | null; readonly due: WallTime | null }

/** An alarm as a reminder; undefined for one that is kept aside. */
export const alarmOf = ({ name, properties }: Component, times: Times): Reminder | undefined => {
  if (name !== 'VALARM') return undefined
  const trigger = properties.find((property) => property.name === 'TRIGGER')
  if (!trigger) return undefined
  try {
    const parsed = parseProperty(trigger)
    const text = textOf(parsed)
    if (parsed.type === 'date-time') {
      const at = instantFrom(text)
      return at === null ? undefined : { kind: 'instant', at }
    }
    const minutes = minutesOf(text)
    if (minutes === undefined) return undefined
    const isEnd = paramOf(parsed, 'related').toUpperCase() === 'END'
    // Without a start it counts from the due.
    const before = isEnd || (times.start === null && times.due !== null) ? 'due' : 'start'
    return triggerOf(text, 0 - minutes, { before, time: times[before] })
  } catch {
    return undefined
  }
}

/** The end of a start and a duration. */
export const later = (start: WallTime, duration: string): WallTime | null => {
  const minutes = minutesOf(duration)
  if (minutes === undefined || minutes < 0) return null
  if (start.kind === 'day')
    return dayOf(Temporal.PlainDate.from(start.date).add({ minutes }).toString())
  const end = Temporal.PlainDateTime.from(start.datetime).add({ minutes })
  const datetime = end.toString({ smallestUnit: 'second' })
  return timeOf(datetime, start.kind === 'zoned' ? start.time_zone : null)
}

export const momentOf = (wall: WallTime | null, timeZone: string) => {
  if (wall === null) return null
  const plain = Temporal.PlainDateTime.from(wall.kind === 'day' ? wall.date : wall.datetime)
  const zone = wall.kind === 'zoned' ? wall.time_zone : timeZone
  return instantOf(plain.toZonedDateTime(zone).epochMilliseconds)
}

/** `2026-12-01`, `2026-12-01T09:00:00` or `2026-12-01T09:00:00[Europe/Berlin]`, as our export writes it. */
const slotOf = (text = ''): WallTime | null => {
  const [, wall = '', zone] = /^([\dT:-]+)(?:\[(.+)\])?$/.exec(text) ?? []
  if (wall.length === 10) return dayOf(wall)
  const made = timeOf(wall, zone ?? null)
  return zone !== undefined && made?.kind !== 'zoned' ? null : made
}

type Recurring = Recurrence & Pick<TaskItem, 'occurrence' | 'recurrence_left'>

/** The rule as it stands in the file. A series of others begins with the due. */
export const recurrenceOf = (
  properties: readonly Property[],
  found: ReadonlyMap<string, Parsed>,
): Recurring | null => {
  if (!found.has('RRULE')) return null
  const rule = properties.find(({ name }) => name === 'RRULE')?.behind.replace(/^[^:]*:/, '') ?? ''
  const [anchor, missed, starts, occurrence, left] = String(
    found.get(OWN.recurrence)?.values[0] ?? '',
  ).split(' ')
  return {
    rule: rule.trim().toUpperCase(),
    anchor: anchor === 'completion' ? 'completion' : 'due',
    missed: missed === 'keep' ? 'keep' : 'skip',
    starts: slotOf(starts),
    occurrence: slotOf(occurrence),
    recurrence_left: left !== undefined && /^\d{1,4}$/.test(left) ? Number(left) : null,
  }
}
