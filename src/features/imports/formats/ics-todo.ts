// A VTODO as a task. What has no field here is kept in `extra`, as it stands.
import { Temporal } from 'temporal-polyfill'
import { isId } from '../../../core/ids.ts'
import type { WallTime } from '../../../core/wall-clock.ts'
import { instantOf } from '../../../db/instant.ts'
import { ESTIMATE, extraKey, extraValue, OWN, priorityOf, statusOf } from '../../icalendar/index.ts'
import type { Comment, Found, Note, Recurrence, Reminder } from '../row.ts'
import { taskItem } from '../row.ts'
import { createContentKeys, dayOf, instantFrom, minutesOf, note, shown, timeOf } from '../values.ts'
import type { Component, Property } from './ics-components.ts'
import { type Calendar, type Parsed, parseProperty } from './ics-property.ts'

const textOf = ({ values }: Parsed): string => String(values[0] ?? '')
const paramOf = ({ params }: Parsed, name: string): string => {
  const value = params[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

/** Date and time in jCal: `2026-12-01`, `2026-12-01T09:00:00`, and with Z for UTC. */
const wallOf = (parsed: Parsed, name: string, { calendar, notes }: Reading): WallTime | null => {
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

/** An alarm as a reminder; undefined for one that is kept aside. */
const reminderOf = ({ name, properties }: Component): Reminder | undefined => {
  if (name !== 'VALARM') return undefined
  const trigger = properties.find((property) => property.name === 'TRIGGER')
  if (!trigger) return undefined
  try {
    const parsed = parseProperty(trigger)
    const text = textOf(parsed)
    if (parsed.type === 'date-time') {
      const at = instantFrom(text)
      return at === null ? undefined : { at }
    }
    const minutes = minutesOf(text)
    if (minutes === undefined) return undefined
    const related = paramOf(parsed, 'related').toUpperCase()
    return { relative_to: related === 'END' ? 'due' : 'start', minutes }
  } catch {
    return undefined
  }
}

/** The end of a start and a duration. */
const later = (start: WallTime, duration: string): WallTime | null => {
  const minutes = minutesOf(duration)
  if (minutes === undefined || minutes < 0) return null
  if (start.kind === 'day')
    return dayOf(Temporal.PlainDate.from(start.date).add({ minutes }).toString())
  const end = Temporal.PlainDateTime.from(start.datetime).add({ minutes })
  const datetime = end.toString({ smallestUnit: 'second' })
  return timeOf(datetime, start.kind === 'zoned' ? start.time_zone : null)
}

/** Properties that say nothing of the task. */
const IGNORED = ['DTSTAMP', 'LAST-MODIFIED', 'PRODID', 'METHOD']

export const taskOfTodo = (component: Component, calendar: Calendar): Found[] => {
  const { row, properties, components } = component
  const notes: Note[] = []
  const reading = { calendar, notes }
  const extra: Record<string, string> = {}
  const counts = new Map<string, number>()
  const keepAside = ({ name, behind }: Property): void => {
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    extra[extraKey(name, nth)] = extraValue(behind)
  }
  const found = new Map<string, Parsed>()
  const blockers: string[] = []
  const labels: string[] = []
  const comments: Comment[] = []
  let parent: string | null = null
  const several: Readonly<Record<string, (parsed: Parsed, property: Property) => void>> = {
    CATEGORIES: ({ values }) => void labels.push(...values.map(String)),
    COMMENT: (parsed) => void comments.push({ text: textOf(parsed), created_at: null }),
    'RELATED-TO': (parsed, property) => {
      const type = paramOf(parsed, 'reltype').toUpperCase() || 'PARENT'
      if (type === 'PARENT' && parent === null) parent = textOf(parsed)
      else if (type === 'DEPENDS-ON') blockers.push(textOf(parsed))
      else keepAside(property)
    },
    EXDATE: (parsed, property) => {
      notes.push(
        note(
          'exdate',
          'EXDATE',
          `${shown(parsed.values.join(', '))} is kept in extra: a rule here has no exceptions.`,
        ),
      )
      keepAside(property)
    },
    [OWN.extra]: (parsed) => {
      const key = paramOf(parsed, OWN.key.toLowerCase())
      if (key !== '') extra[key] = textOf(parsed).replaceAll('\\n', '\n').replaceAll('\\\\', '\\')
    },
  }
  for (const property of properties) {
    const { name } = property
    if (IGNORED.includes(name)) continue
    if (name === '') {
      notes.push(note('malformed', '', `${shown(property.behind.slice(1))} is no property.`))
      continue
    }
    try {
      const parsed = parseProperty(property)
      const take = Object.hasOwn(several, name) ? several[name] : undefined
      if (take) take(parsed, property)
      else if (SINGLE.has(name) && !found.has(name)) found.set(name, parsed)
      else keepAside(property)
    } catch {
      const detail = `${shown(property.behind.slice(1))} cannot be read; it is kept in extra.`
      notes.push(note('malformed', name, detail))
      keepAside(property)
    }
  }
  const wall = (name: string) => {
    const parsed = found.get(name)
    return parsed ? wallOf(parsed, name, reading) : null
  }
  const instant = (name: string) => {
    const parsed = found.get(name)
    if (!parsed) return null
    const text = textOf(parsed)
    const made = instantFrom(text) ?? momentOf(wallOf(parsed, name, reading), calendar.timeZone)
    return made
  }
  const text = (name: string) => {
    const parsed = found.get(name)
    return parsed === undefined ? '' : textOf(parsed)
  }
  const uid = text('UID')
  const start = wall('DTSTART')
  const duration = text('DURATION')
  const due = wall('DUE') ?? (start !== null && duration !== '' ? later(start, duration) : null)
  const word = text('STATUS')
  const completed = instant('COMPLETED')
  const status = statusOf(word) ?? (completed !== null ? 'completed' : 'pending')
  if (word !== '' && statusOf(word) === undefined)
    notes.push(note('not_understood', 'STATUS', `${shown(word)} is read as ${status}.`))
  const slot = wall('RECURRENCE-ID')
  if (slot !== null && uid !== '') {
    const state = status === 'completed' ? 'completed' : status === 'cancelled' ? 'skipped' : 'open'
    return [
      {
        row,
        title: text('SUMMARY'),
        notes,
        item: {
          kind: 'occurrence',
          parent: uid,
          slot: slot.kind === 'day' ? slot.date : slot.datetime,
          due: due ?? slot,
          start,
          completed_at: state === 'completed' ? completed : null,
          state,
        },
      },
    ]
  }
  const percent = text('PERCENT-COMPLETE')
  if (percent !== '' && !(status === 'completed' && percent === '100') && percent !== '0')
    extra[extraKey('PERCENT-COMPLETE', 1)] = percent
  const reminders: Reminder[] = []
  for (const inner of components) {
    const reminder = reminderOf(inner)
    if (reminder) reminders.push(reminder)
    else notes.push(note('alarm', inner.name, 'It cannot be a reminder here.'))
  }
  const description = text('DESCRIPTION')
  const summary = text('SUMMARY').trim()
  if (summary === '')
    notes.push(note('no_title', 'SUMMARY', 'Its title is the first line of its description.'))
  const recurrence = recurrenceOf(properties, found, { start, due })
  if (recurrence && due === null && start === null) {
    notes.push(note('recurrence', 'RRULE', 'What recurs needs a due; the rule is kept in extra.'))
    extra[extraKey('RRULE', 1)] = recurrence.rule
  }
  const project = text(OWN.project) || calendar.name
  const created = instant('CREATED')
  const own = text(OWN.id).toLowerCase()
  const deadline = text(OWN.deadline)
  return [
    {
      row,
      title: summary,
      notes,
      item: taskItem({
        id: isId(own) ? own : null,
        key: uid || createContentKeys()(summary, description, created ?? ''),
        external_id: uid && uid !== own ? uid : null,
        parent,
        blocked_by: blockers,
        project: project ? { name: project } : null,
        title: summary,
        description,
        status,
        priority: priorityOf(Number(text('PRIORITY') || 0)),
        start: start,
        due: recurrence && due === null ? start : due,
        deadline: /^\d{4}-\d\d-\d\d$/.test(deadline) ? deadline : null,
        estimate_minutes: minutesOf(text(ESTIMATE)) ?? null,
        url: text('URL') || null,
        labels,
        extra,
        recurrence: due === null && start === null ? null : recurrence,
        reminders,
        comments,
        created_at: created,
        completed_at: completed,
      }),
    },
  ]
}

/** Those that have a field, and stand once. */
const SINGLE: ReadonlySet<string> = new Set([
  'UID',
  'SUMMARY',
  'DESCRIPTION',
  'DTSTART',
  'DUE',
  'DURATION',
  'STATUS',
  'COMPLETED',
  'CREATED',
  'PRIORITY',
  'PERCENT-COMPLETE',
  'RRULE',
  'RECURRENCE-ID',
  'URL',
  ESTIMATE,
  OWN.id,
  OWN.project,
  OWN.deadline,
  OWN.recurrence,
])

const momentOf = (wall: WallTime | null, timeZone: string) => {
  if (wall === null) return null
  const plain = Temporal.PlainDateTime.from(wall.kind === 'day' ? wall.date : wall.datetime)
  const zone = wall.kind === 'zoned' ? wall.time_zone : timeZone
  return instantOf(plain.toZonedDateTime(zone).epochMilliseconds)
}

/** The rule as it stands in the file. The first slot is the start, of which RFC 5545 counts. */
const recurrenceOf = (
  properties: readonly Property[],
  found: ReadonlyMap<string, Parsed>,
  { start, due }: { start: WallTime | null; due: WallTime | null },
): Recurrence | null => {
  if (!found.has('RRULE')) return null
  const rule = properties.find(({ name }) => name === 'RRULE')?.behind.replace(/^[^:]*:/, '') ?? ''
  const [anchor, missed] = String(found.get(OWN.recurrence)?.values[0] ?? '').split(' ')
  const first = start ?? due
  return {
    rule: rule.trim().toUpperCase(),
    anchor: anchor === 'completion' ? 'completion' : 'due',
    missed: missed === 'keep' ? 'keep' : 'skip',
    starts: first === null ? null : first.kind === 'day' ? first.date : first.datetime,
  }
}
