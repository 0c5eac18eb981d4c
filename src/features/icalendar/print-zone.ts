// A zone of the IANA database as a VTIMEZONE (RFC 5545, 3.6.5), for the years that are asked for.
import { Temporal } from 'temporal-polyfill'

const offsetText = (offset: string): string => offset.replaceAll(':', '')
const stamp = (plain: Temporal.PlainDateTime): string =>
  plain.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')

type Change = { readonly from: string; readonly to: string; readonly begins: string }

/** The changes of the offset, each at the wall clock before it. */
const changesIn = (zone: string, first: number, last: number): Change[] => {
  const start = Temporal.PlainDate.from({ year: first, month: 1, day: 1 })
  let at: Temporal.ZonedDateTime | null = start.toZonedDateTime(zone)
  const changes: Change[] = []
  for (let before = at.offset; ; ) {
    at = at.getTimeZoneTransition('next')
    if (at === null || at.year > last) return changes
    const wall = at.toInstant().toZonedDateTimeISO(before).toPlainDateTime()
    if (at.offset !== before) changes.push({ from: before, to: at.offset, begins: stamp(wall) })
    before = at.offset
  }
}

/** The lines of its definition. */
export const zoneLines = (zone: string, first: number, last: number): string[] => {
  const begin = Temporal.PlainDate.from({ year: first, month: 1, day: 1 }).toZonedDateTime(zone)
  const groups = new Map<string, { change: Change; dates: string[] }>()
  for (const change of changesIn(zone, first, last)) {
    const key = `${change.from} ${change.to}`
    const group = groups.get(key)
    if (group) group.dates.push(change.begins)
    else groups.set(key, { change, dates: [change.begins] })
  }
  const observance = (
    kind: string,
    { from, to, begins }: Change,
    dates: readonly string[],
  ): string[] => [
    `BEGIN:${kind}`,
    `DTSTART:${begins}`,
    ...dates.slice(1).map((date) => `RDATE:${date}`),
    `TZOFFSETFROM:${offsetText(from)}`,
    `TZOFFSETTO:${offsetText(to)}`,
    `END:${kind}`,
  ]
  const initial = { from: begin.offset, to: begin.offset, begins: `${first}0101T000000` }
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${zone}`,
    ...observance('STANDARD', initial, []),
    ...[...groups.values()].flatMap(({ change, dates }) =>
      observance(change.to > change.from ? 'DAYLIGHT' : 'STANDARD', change, dates),
    ),
    'END:VTIMEZONE',
  ]
}
