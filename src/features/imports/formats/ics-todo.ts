// A VTODO as a task. What has no field here is kept in `extra`, as it stands.
import { isId } from '../../../core/ids.ts'
import { ESTIMATE, extraKey, extraValue, OWN, priorityOf, statusOf } from '../../icalendar/index.ts'
import {
  type BesideItem,
  type Comment,
  type Found,
  type Note,
  type Reminder,
  taskItem,
} from '../row.ts'
import { type createContentKeys, instantFrom, minutesOf, note, shown } from '../values.ts'
import type { Component, Property } from './ics-components.ts'
import { ownComment, ownOccurrence, ownReminder } from './ics-own.ts'
import { type Calendar, type Parsed, parseProperty } from './ics-property.ts'
import { alarmOf, later, momentOf, paramOf, recurrenceOf, textOf, wallOf } from './ics-values.ts'

/** Properties that say nothing of the task. */
const IGNORED = ['DTSTAMP', 'LAST-MODIFIED', 'PRODID', 'METHOD', OWN.occurrence]

/** Of the file: names what has no UID, by its content. */
type KeyOf = ReturnType<typeof createContentKeys>

export const taskOfTodo = (component: Component, calendar: Calendar, keyOf: KeyOf): Found[] => {
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
  const comments: Parsed[] = []
  let parent: string | null = null
  const several: Readonly<Record<string, (parsed: Parsed, property: Property) => void>> = {
    CATEGORIES: ({ values }) => void labels.push(...values.map(String)),
    COMMENT: (parsed) => void comments.push(parsed),
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
    [OWN.leftOut]: (parsed) => {
      const detail = `${shown(textOf(parsed))} comments had no room in the calendar.`
      notes.push(note('left_out', 'COMMENT', detail))
    },
    [OWN.extra]: (parsed) => {
      const key = paramOf(parsed, OWN.key.toLowerCase())
      if (key !== '') extra[key] = textOf(parsed)
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
    const own = ownOccurrence(component, state, { parent: uid, slot })
    if (own) return [{ row, title: text('SUMMARY'), notes, item: own }]
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
  const description = text('DESCRIPTION')
  const summary = text('SUMMARY').trim()
  const created = instant('CREATED')
  const key = uid || keyOf(summary, description, created ?? '', text('DUE'), text('DTSTART'))
  const percent = text('PERCENT-COMPLETE')
  if (percent !== '' && !(status === 'completed' && percent === '100') && percent !== '0')
    extra[extraKey('PERCENT-COMPLETE', 1)] = percent
  const reminders: Reminder[] = []
  const others: Comment[] = []
  const beside: BesideItem[] = []
  for (const inner of components) {
    const reminder = alarmOf(inner, { start, due })
    const own = reminder && ownReminder(inner, reminder, key)
    if (own) beside.push(own)
    else if (reminder) reminders.push(reminder)
    else notes.push(note('alarm', inner.name, 'It cannot be a reminder here.'))
  }
  for (const parsed of comments) {
    const own = ownComment(parsed, key)
    if (own) beside.push(own)
    else others.push({ text: textOf(parsed), created_at: null })
  }
  if (summary === '')
    notes.push(note('no_title', 'SUMMARY', 'Its title is the first line of its description.'))
  const recurrence = recurrenceOf(properties, found)
  const recurs = recurrence !== null && (due !== null || start !== null)
  if (recurrence && !recurs) {
    notes.push(note('recurrence', 'RRULE', 'What recurs needs a due; the rule is kept in extra.'))
    extra[extraKey('RRULE', 1)] = recurrence.rule
  }
  const project = text(OWN.project) || calendar.name
  const own = text(OWN.id).toLowerCase()
  const deadline = text(OWN.deadline)
  return [
    {
      row,
      title: summary,
      notes,
      item: taskItem({
        id: isId(own) ? own : null,
        key,
        external_id: text(OWN.externalId) || (uid && uid !== own ? uid : null),
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
        ...(recurs && {
          recurrence: {
            rule: recurrence.rule,
            anchor: recurrence.anchor,
            missed: recurrence.missed,
            starts: recurrence.starts,
            begins: start,
          },
          occurrence: recurrence.occurrence,
          recurrence_left: recurrence.recurrence_left,
        }),
        reminders,
        comments: others,
        created_at: created,
        completed_at: completed,
      }),
    },
    ...beside.map((item): Found => ({ row, title: summary, notes: [], item })),
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
  OWN.externalId,
  OWN.project,
  OWN.deadline,
  OWN.recurrence,
])
