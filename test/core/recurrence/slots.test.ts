// The slots of series, as the RFC has them, where months are short and clocks change.

import { RRuleTemporal } from 'rrule-temporal'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ruleFor } from '../../../src/core/recurrence/compose.ts'
import { parseRule } from '../../../src/core/recurrence/parse-rule.ts'
import { RuleFault } from '../../../src/core/recurrence/rule.ts'
import { MAX_PERIODS, openSeries, wallOf } from '../../../src/core/recurrence/series.ts'
import { instantIn, type WallTime } from '../../../src/core/wall-clock.ts'

const on = (date: string): WallTime => ({ kind: 'day', date })
const inZone = (datetime: string, time_zone: string): WallTime => ({
  kind: 'zoned',
  datetime,
  time_zone,
})

/** The first `most` slots behind the first one. */
const slots = async (text: string, starts: WallTime, most: number): Promise<string[]> => {
  const series = await openSeries(await ruleFor(text, starts), starts)
  const found: string[] = []
  let at: string | undefined = wallOf(starts)
  for (let i = 0; i < most && at !== undefined; i++) {
    const slot = series.after(at)
    at = slot && wallOf(slot)
    if (at !== undefined) found.push(at)
  }
  return found
}

describe('days', () => {
  test.each([
    ['the 31st', 'FREQ=MONTHLY;BYMONTHDAY=31', '2026-01-31', ['2026-03-31', '2026-05-31']],
    ['monthly from the 31st', 'FREQ=MONTHLY', '2026-01-31', ['2026-03-31', '2026-05-31']],
    [
      'the last day',
      'FREQ=MONTHLY;BYMONTHDAY=-1',
      '2026-01-31',
      ['2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    [
      'the 30th or the last day',
      'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1',
      '2026-01-30',
      ['2026-02-28', '2026-03-30'],
    ],
    ['29 February', 'FREQ=YEARLY', '2096-02-29', ['2104-02-29', '2108-02-29']],
    [
      '29 February or the last day',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1',
      '2024-02-29',
      ['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    ['29 February, day by day', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29', '2096-02-29', ['2104-02-29']],
    [
      'each day of two months',
      'FREQ=DAILY;BYMONTH=1,12',
      '2026-01-31',
      ['2026-12-01', '2026-12-02'],
    ],
    [
      'the last weekday',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      '2026-01-30',
      ['2026-02-27', '2026-03-31', '2026-04-30', '2026-05-29'],
    ],
    ['the fifth Monday', 'FREQ=MONTHLY;BYDAY=5MO', '2026-03-30', ['2026-06-29', '2026-08-31']],
    [
      'every other week that begins on Monday',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO',
      '1997-08-05',
      ['1997-08-10', '1997-08-19', '1997-08-24'],
    ],
    [
      'every other week that begins on Sunday',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
      '1997-08-05',
      ['1997-08-17', '1997-08-19', '1997-08-31'],
    ],
    ['week 53', 'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO', '2026-12-28', ['2032-12-27', '2037-12-28']],
    ['until the end', 'FREQ=YEARLY', '9996-05-05', ['9997-05-05', '9998-05-05']],
  ])('%s', async (_, rule, from, expected) => {
    expect((await slots(rule, on(from), expected.length)).slice(0, expected.length)).toEqual(
      expected,
    )
  })

  test('no slot is behind the year 9998', async () => {
    expect(await slots('FREQ=YEARLY', on('9996-05-05'), 9)).toEqual(['9997-05-05', '9998-05-05'])
    expect(await slots('FREQ=DAILY;INTERVAL=999', on('9997-05-05'), 9)).toHaveLength(0)
  })
})

describe('wall clocks', () => {
  const instants = async (rule: string, starts: WallTime, most: number) =>
    (await slots(rule, starts, most)).map((wall) =>
      instantIn(wall, (starts as { time_zone: string }).time_zone),
    )

  test.each([
    // In a gap the offset before it holds, in an overlap the first of the two.
    [
      'Berlin, a gap',
      'Europe/Berlin',
      '2026-03-28T02:30:00',
      ['2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z'],
    ],
    [
      'Berlin, an overlap',
      'Europe/Berlin',
      '2026-10-24T02:30:00',
      ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
    ],
    [
      'New York, a gap',
      'America/New_York',
      '2026-03-07T02:30:00',
      ['2026-03-08T07:30:00.000Z', '2026-03-09T06:30:00.000Z'],
    ],
    [
      'New York, an overlap',
      'America/New_York',
      '2026-10-31T01:30:00',
      ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ],
    [
      'Lord Howe, a gap of half an hour',
      'Australia/Lord_Howe',
      '2026-10-03T02:15:00',
      ['2026-10-03T15:45:00.000Z', '2026-10-04T15:15:00.000Z'],
    ],
    [
      'Lord Howe, an overlap of half an hour',
      'Australia/Lord_Howe',
      '2026-04-04T01:45:00',
      ['2026-04-04T14:45:00.000Z', '2026-04-05T15:15:00.000Z'],
    ],
    // 30 December 2011 was left out there.
    [
      'Apia, a day that is missing',
      'Pacific/Apia',
      '2011-12-29T09:00:00',
      ['2011-12-30T19:00:00.000Z', '2011-12-30T19:00:00.000Z', '2011-12-31T19:00:00.000Z'],
    ],
  ])('a daily time in %s', async (_, zone, from, expected) => {
    expect(await instants('FREQ=DAILY', inZone(from, zone), expected.length)).toEqual(expected)
  })

  test('hours pass as they do, also where clocks change', async () => {
    const berlin = (from: string) => inZone(from, 'Europe/Berlin')
    expect(await slots('FREQ=HOURLY', berlin('2026-03-29T01:00:00'), 2)).toEqual([
      '2026-03-29T03:00:00',
      '2026-03-29T04:00:00',
    ])
    // The hour that comes twice is one slot: a wall clock means the first of the two.
    expect(await slots('FREQ=HOURLY', berlin('2026-10-25T01:00:00'), 3)).toEqual([
      '2026-10-25T02:00:00',
      '2026-10-25T03:00:00',
      '2026-10-25T04:00:00',
    ])
    expect(await slots('FREQ=HOURLY;INTERVAL=8', berlin('2026-03-28T22:00:00'), 2)).toEqual([
      '2026-03-29T07:00:00',
      '2026-03-29T15:00:00',
    ])
    const floating: WallTime = { kind: 'floating', datetime: '2026-03-29T01:00:00' }
    expect(await slots('FREQ=HOURLY', floating, 2)).toEqual([
      '2026-03-29T02:00:00',
      '2026-03-29T03:00:00',
    ])
  })

  test('UNTIL is a wall clock of the zone, as its rules are now', async () => {
    const rule = 'FREQ=DAILY;UNTIL=20261026T013000Z'
    const from = inZone('2026-10-24T02:30:00', 'Europe/Berlin')
    expect(await slots(rule, from, 9)).toEqual(['2026-10-25T02:30:00', '2026-10-26T02:30:00'])
  })
})

describe('what a hostile rule costs', () => {
  const list = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i).join()
  const hostile = [
    'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6',
    'FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1',
    'FREQ=DAILY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO',
    'FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;BYMONTHDAY=31',
    `FREQ=MONTHLY;INTERVAL=7;BYDAY=5MO,5TU;BYMONTHDAY=1,2,3;BYHOUR=${list(0, 23)}`,
    `FREQ=YEARLY;INTERVAL=999;BYWEEKNO=53;BYMONTHDAY=29,30;BYHOUR=${list(0, 4)}`,
    `FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO;BYMONTH=2,4;BYHOUR=${list(0, 23)};BYSETPOS=-1`,
    'FREQ=DAILY;COUNT=9999;BYMONTHDAY=29;BYMONTH=2',
    `FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=${list(0, 23)};BYMONTH=2`,
  ]
  type Spied = { visitPeriodCandidates(...given: unknown[]): unknown }

  /** How many periods of a rule the library looks at, and how often it is asked. */
  const spied = () => {
    const prototype = RRuleTemporal.prototype
    const periods = vi.spyOn(prototype as unknown as Spied, 'visitPeriodCandidates')
    const asked = vi.spyOn(prototype, 'next')
    onTestFinished(() => {
      periods.mockRestore()
      asked.mockRestore()
    })
    return { periods: () => periods.mock.calls.length, asked: () => asked.mock.calls.length }
  }
  const starts: WallTime = { kind: 'floating', datetime: '2026-01-31T09:00:00' }
  const taken = (text: string) =>
    ruleFor(text, starts).catch((error: unknown) => {
      if (!(error instanceof RuleFault)) throw error
    })

  test.each(hostile)('%s', async (text) => {
    const { periods, asked } = spied()
    const rule = await taken(text)
    expect(asked()).toBeLessThanOrEqual(1)
    expect(periods()).toBeLessThanOrEqual(MAX_PERIODS)
    if (rule) (await openSeries(parseRule(text), starts)).after('2026-06-01T00:00:00')
    expect(asked()).toBeLessThanOrEqual(2)
    expect(periods()).toBeLessThanOrEqual(2 * MAX_PERIODS)
  })

  test('that is what is counted', async () => {
    const { periods, asked } = spied()
    expect(await taken('FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1')).toBeUndefined()
    expect([asked(), periods()]).toEqual([1, MAX_PERIODS])
  })
})
