// Tasks as a calendar of VTODOs (RFC 5545). The trash is not in it.
import ICAL from 'ical.js'
import type { Ctx } from '../../core/context.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import {
  ESTIMATE,
  lineOfExtra,
  OWN,
  priorityNumber,
  statusWord,
  zoneLines,
} from '../icalendar/index.ts'
import { allTasks, type Kept, settingsOf } from './everything.ts'
import {
  alarmLines,
  commentLines,
  occurrenceLines,
  occurrencesOf,
  remindersOf,
} from './ics-beside.ts'
import { instant, joined, print, text, wall } from './ics-print.ts'
import { type UidOf, uidsOf } from './ics-uids.ts'

/** A property that was kept in `extra` as it stood; else undefined. */
const asItStood = (key: string, value: string): string | undefined => {
  const line = lineOfExtra(key, value)
  if (line === undefined) return undefined
  try {
    return ICAL.stringify.property(
      ICAL.parse.property(line, ICAL.design.icalendar) as never,
      ICAL.design.icalendar,
      false,
    )
  } catch {
    return undefined
  }
}
const extraLine = ([key, value]: [string, string]): string =>
  asItStood(key, value) ??
  text(OWN.extra, value, {
    [OWN.key.toLowerCase()]: key,
  })

const slot = (time: WallTime): string =>
  time.kind === 'day'
    ? time.date
    : time.kind === 'floating'
      ? time.datetime
      : `${time.datetime}[${time.time_zone}]`

/** A rule is of ASCII, so that its octets are its characters. */
const ruleLine = (rule: string): string => `RRULE:${rule}`.replace(/(.{74})(?=.)/g, '$1\r\n ')

const recurrenceLines = ({ recurrence, occurrence, recurrence_left: left }: Kept['task']) =>
  recurrence === null || occurrence === null
    ? []
    : [
        ruleLine(recurrence.rule),
        text(
          OWN.recurrence,
          [
            recurrence.anchor,
            recurrence.missed,
            slot(recurrence.starts),
            slot(occurrence),
            ...(left === null ? [] : [left]),
          ].join(' '),
        ),
      ]

/** The lines of one task; `beside` are those of its comments and reminders. */
const todoLines = ({ task, project }: Kept, uidOf: UidOf, beside: readonly string[]): string[] => [
  'BEGIN:VTODO',
  text('UID', uidOf(task.id)),
  text(OWN.id, task.id),
  ...(task.external_id === null || uidOf(task.id) === task.external_id
    ? []
    : [text(OWN.externalId, task.external_id)]),
  instant('DTSTAMP', task.updated_at),
  instant('CREATED', task.created_at),
  instant('LAST-MODIFIED', task.updated_at),
  text('SUMMARY', task.title),
  ...(task.description === '' ? [] : [text('DESCRIPTION', task.description)]),
  text('STATUS', statusWord(task.status)),
  ...(task.priority === 'none'
    ? []
    : [print('PRIORITY', 'integer', [priorityNumber(task.priority)])]),
  ...(task.start === null ? [] : [wall('DTSTART', task.start)]),
  ...(task.due === null ? [] : [wall('DUE', task.due)]),
  ...recurrenceLines(task),
  ...(task.deadline === null ? [] : [text(OWN.deadline, task.deadline)]),
  ...(task.estimate_minutes === null
    ? []
    : [print(ESTIMATE, 'duration', [`PT${task.estimate_minutes}M`])]),
  ...(task.url === null ? [] : [print('URL', 'uri', [task.url])]),
  ...(task.completed_at === null
    ? []
    : [instant('COMPLETED', task.completed_at), print('PERCENT-COMPLETE', 'integer', [100])]),
  ...(task.labels.length === 0 ? [] : [print('CATEGORIES', 'text', task.labels)]),
  ...(task.parent_id === null ? [] : [text('RELATED-TO', uidOf(task.parent_id))]),
  ...task.blocked_by.map((id) => text('RELATED-TO', uidOf(id), { reltype: 'DEPENDS-ON' })),
  ...(project.inbox ? [] : [text(OWN.project, project.name)]),
  ...Object.entries(task.extra).map(extraLine),
  ...beside,
  'END:VTODO',
]

/** Years for which a zone is described: those of the first tasks that name it, and these. */
const LAST_YEAR = 2037

/** Says what each zone is, once, before the first task that names it. */
const createZones = (ctx: Ctx) => {
  const described = new Set<string>()
  return (times: readonly (WallTime | null)[]): string[] =>
    times.flatMap((time) => {
      if (time?.kind !== 'zoned' || time.time_zone === 'UTC') return []
      if (described.has(time.time_zone)) return []
      described.add(time.time_zone)
      const year = Number(time.datetime.slice(0, 4))
      // A time that lies before is that of a task of long ago.
      const first = Math.max(1970, Math.min(year, new Date(ctx.clock.now()).getUTCFullYear()) - 1)
      const last = Math.max(LAST_YEAR, Math.min(year + 1, 2100))
      return zoneLines(time.time_zone, first, last)
    })
}

export const icsOf = async function* (ctx: Ctx): AsyncGenerator<string> {
  yield joined([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Taskport//Taskport 1//EN',
    'CALSCALE:GREGORIAN',
  ])
  const zonesOf = createZones(ctx)
  const { reminder_time: reminderTime } = await settingsOf(ctx)
  for await (const page of allTasks(ctx, { trash: false })) {
    const uidOf = await uidsOf(ctx, page)
    const reminders = await remindersOf(ctx, page)
    let lines: string[] = []
    for (const kept of page) {
      const { id, start, due, comment_count: comments } = kept.task
      const beside = [
        ...(comments > 0 ? await commentLines(ctx, id) : []),
        ...(reminders.get(id) ?? []).flatMap((one) => alarmLines(one, kept.task, reminderTime)),
      ]
      lines.push(...zonesOf([start, due]), ...todoLines(kept, uidOf, beside))
      // Comments may be long.
      if (comments === 0) continue
      yield joined(lines)
      lines = []
    }
    if (lines.length > 0) yield joined(lines)
    for await (const some of occurrencesOf(ctx, page))
      yield joined(
        some.flatMap((one) => [
          ...zonesOf([one.done.slot, one.done.start, one.done.due]),
          ...occurrenceLines(one, uidOf),
        ]),
      )
  }
  yield joined(['END:VCALENDAR'])
}
