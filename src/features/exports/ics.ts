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
import { allTasks, type Kept } from './everything.ts'
import { type UidOf, uidsOf } from './ics-uids.ts'

// It counts the blank of a folded line beside the 75 octets that there may be (RFC 5545, 3.1).
ICAL.foldLength = 74

type Params = Readonly<Record<string, string>>

const print = (
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
const text = (name: string, value: string, params?: Params): string =>
  print(name, 'text', [value.replace(/\r\n?/g, '\n')], params)
const instant = (name: string, value: string): string =>
  print(name, 'date-time', [`${value.slice(0, 19)}Z`])

const wall = (name: string, time: WallTime): string => {
  if (time.kind === 'day') return print(name, 'date', [time.date])
  if (time.kind === 'floating') return print(name, 'date-time', [time.datetime])
  return time.time_zone === 'UTC'
    ? print(name, 'date-time', [`${time.datetime}Z`])
    : print(name, 'date-time', [time.datetime], { tzid: time.time_zone })
}

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

/** The lines of one task. */
const todoLines = ({ task, project }: Kept, uidOf: UidOf): string[] => [
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
  'END:VTODO',
]

const END = '\r\n'
const joined = (lines: readonly string[]): string => lines.map((line) => line + END).join('')

/** Years for which a zone is described: those of the first tasks that name it, and these. */
const LAST_YEAR = 2037

const zonesOf = ({ task: { start, due } }: Kept): { zone: string; year: number }[] =>
  [start, due].flatMap((time) =>
    time?.kind === 'zoned' && time.time_zone !== 'UTC'
      ? [{ zone: time.time_zone, year: Number(time.datetime.slice(0, 4)) }]
      : [],
  )

export const icsOf = async function* (ctx: Ctx): AsyncGenerator<string> {
  yield joined([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Taskport//Taskport 1//EN',
    'CALSCALE:GREGORIAN',
  ])
  const described = new Set<string>()
  for await (const page of allTasks(ctx, { trash: false })) {
    let lines: string[] = []
    const uidOf = await uidsOf(ctx, page)
    for (const kept of page) {
      for (const { zone, year } of zonesOf(kept)) {
        if (described.has(zone)) continue
        described.add(zone)
        // A time that lies before is that of a task of long ago.
        const first = Math.max(1970, Math.min(year, new Date(ctx.clock.now()).getUTCFullYear()) - 1)
        lines.push(...zoneLines(zone, first, Math.max(LAST_YEAR, Math.min(year + 1, 2100))))
      }
      lines.push(...todoLines(kept, uidOf))
    }
    if (lines.length > 0) yield joined(lines)
    lines = []
  }
  yield joined(['END:VCALENDAR'])
}
