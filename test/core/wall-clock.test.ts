import { Temporal } from 'temporal-polyfill'
import { afterAll, expect, test } from 'vitest'
import { silent } from '../../src/core/log.ts'
import { isTimeZone, storedZone, tellUnknownZones } from '../../src/core/time-zones.ts'
import { instantIn, reachedAt, toColumns } from '../../src/core/wall-clock.ts'

// What is untold is told to the log of the next request, which may be another file's.
afterAll(() => tellUnknownZones(silent))

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const everyZone = Intl.supportedValuesOf('timeZone')
/** Links to other zones, and names that are older than the form Area/Place. */
const links =
  'EST MST HST EST5EDT CST6CDT MST7MDT PST8PDT GMT GMT0 GMT+0 GMT-0 Etc/GMT Etc/GMT0 Etc/GMT+7 Etc/GMT-14 Etc/UTC UTC UCT Zulu Universal Greenwich WET CET MET EET NZ NZ-CHAT PRC ROC ROK GB GB-Eire Eire Cuba Egypt Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya Navajo Poland Portugal Singapore Turkey W-SU US/Alaska US/Pacific US/East-Indiana Brazil/West Canada/Yukon Chile/EasterIsland Mexico/General Asia/Calcutta Asia/Katmandu Europe/Kiev Europe/Kyiv America/Buenos_Aires'.split(
    ' ',
  )
const otherwiseWritten = ['europe/berlin', 'EUROPE/BERLIN', 'utc', 'Gmt', 'us/pacific', 'etc/gmt+7']
const offsets = [
  '+05:30',
  '-08:00',
  '+00:00',
  '-00:00',
  '+14:00',
  '-12:00',
  '+0530',
  '+05',
  '+23:59',
]
/** Some are known to Intl on some runtimes, some to no one. */
const unknown = [
  ...'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
    ' ',
  ),
  ...[
    '',
    ' ',
    'UTC ',
    ' UTC',
    'UTC+3',
    'GMT+3',
    'UTC+03:00',
    'Z',
    'z',
    '5',
    '+5',
    '+5:30',
    '+24:00',
  ],
  ...[
    '+05:60',
    '+05:30:15',
    '+05:3',
    '--05',
    '\u221205:00',
    '++05:00',
    'Etc/GMT+15',
    'Etc/Unknown',
  ],
  ...[
    'Europe/',
    '/Berlin',
    'Europe//Berlin',
    'Europe/Berlin/',
    'Europe\\Berlin',
    'Europe/Atlantis',
  ],
  ...['Europe/Berlin\n', 'Europe/Berlin\0', 'Europe/Bérlin', 'Еurope/Berlin', '🎃', '東京', 'null'],
  ...['constructor', '__proto__', 'toString', 'T1230Z', 'T00+05', '2026-01-01T00:00Z'],
  ...['2026-01-01T00:00[Europe/Berlin]', '[Europe/Berlin]', 'Europe/Berlin[u-ca=hebrew]', 'local'],
  ...['A'.repeat(64), 'A'.repeat(65), 'A'.repeat(10_240), '+05:30'.repeat(2_000)],
]

test('a time zone is one that the arithmetic takes: each that the runtime lists, links, offsets', () => {
  const taken = [...everyZone, ...links, ...otherwiseWritten, ...offsets]
  expect(taken.filter((zone) => !isTimeZone(zone))).toEqual([])
  for (const zone of taken) {
    const { at } = toColumns({ kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: zone })
    expect(Math.abs(Date.parse(String(at)) - Date.UTC(2026, 11, 1, 9)), zone).toBeLessThan(DAY)
    expect(reachedAt(Date.UTC(2026, 11, 1), zone).wall, zone).toMatch(/^2026-1[12]-\d\dT/)
    expect(storedZone(zone)).toBe(zone)
  }
})

test('nothing else is one, and what is stored of it is read as UTC', () => {
  expect(unknown.filter(isTimeZone)).toEqual([])
  for (const zone of unknown) {
    expect(storedZone(zone)).toBe('UTC')
    expect(toColumns({ kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: zone }).at).toBe(
      '2026-12-01T09:00:00.000Z',
    )
  }
})

test('what no list names is taken where the arithmetic takes it, and only there', () => {
  for (const zone of [
    'SystemV/AST4',
    'US/Pacific-New',
    'Factory',
    'posixrules',
    'Etc/GMT+12',
    'Etc/GMT+13',
  ]) {
    const calculates = () => instantIn('2026-12-01T09:00:00', zone)
    if (isTimeZone(zone)) expect(calculates(), zone).toBeTruthy()
    else expect(calculates, zone).toThrow()
  }
})

test('in an overlap, a wall clock means the first of its two instants; in a gap, the offset before it', () => {
  expect(instantIn('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
  expect(instantIn('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
})

/**
 * Set-backs of an hour and others: of half an hour, at midnight, over midnight, a minute after
 * midnight, of a whole day.
 */
const setBacks = [
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Europe/London', '2026-10-25T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Antarctica/Troll', '2026-10-25T01:00:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  ['Asia/Beirut', '2026-10-24T21:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['Atlantic/Azores', '2026-10-25T01:00:00Z'],
  ['America/St_Johns', '2010-11-07T02:31:00Z'],
  ['Pacific/Kwajalein', '1969-10-01T13:00:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
] as const

test.each(setBacks)('how far the clock has come in %s never goes back', (zone, at) => {
  let last = { wall: '', date: '' }
  for (let ms = Date.parse(at) - 26 * HOUR; ms < Date.parse(at) + 50 * HOUR; ms += 2.5 * MINUTE) {
    const reached = reachedAt(ms + 1, zone)
    expect(reached.wall >= last.wall, `${last.wall} → ${reached.wall}`).toBe(true)
    expect(reached.date >= last.date, `${last.date} → ${reached.date}`).toBe(true)
    last = reached
  }
})

test.each(setBacks)('a wall clock has been reached in %s from its instant on', (zone, at) => {
  const begin = Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDateTime()
  for (let minutes = -200; minutes < 200; minutes += 7) {
    const wall = begin.add({ minutes }).toString({ smallestUnit: 'second' })
    const instant = Date.parse(instantIn(wall, zone))
    const back = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
    // In a gap there is no such wall clock.
    if (back.toPlainDateTime().toString({ smallestUnit: 'second' }) !== wall) continue
    expect(wall < reachedAt(instant + 1000, zone).wall, `${wall} after`).toBe(true)
    expect(wall < reachedAt(instant, zone).wall, `${wall} at`).toBe(false)
  }
})
