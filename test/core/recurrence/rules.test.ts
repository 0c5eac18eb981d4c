// Which rules are taken, in which form, and what is said of the others.
import { describe, expect, test } from 'vitest'
import { ruleFor } from '../../../src/core/recurrence/compose.ts'
import { formatRule, RuleFault } from '../../../src/core/recurrence/rule.ts'
import type { WallTime } from '../../../src/core/wall-clock.ts'

const starts: WallTime = { kind: 'floating', datetime: '2026-01-31T09:00:00' }
const day: WallTime = { kind: 'day', date: '2026-01-31' }
const zoned: WallTime = { kind: 'zoned', datetime: '2026-01-31T09:00:00', time_zone: 'Asia/Tokyo' }

const formatted = async (text: string, from: WallTime = starts) =>
  formatRule(await ruleFor(text, from))
const fault = async (text: string, from: WallTime = starts): Promise<string> => {
  try {
    return `taken: ${await formatted(text, from)}`
  } catch (error) {
    if (error instanceof RuleFault) return `${error.code} ${error.part}`
    throw error
  }
}

describe('the canonical form', () => {
  test.each([
    ['rrule:freq=weekly;interval=1;wkst=mo', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY;BYDAY=FR,MO,FR;WKST=SU', 'FREQ=WEEKLY;BYDAY=MO,FR;WKST=SU'],
    ['BYMONTHDAY=+15,-1;FREQ=MONTHLY;COUNT=3', 'FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=3'],
    ['FREQ=MONTHLY;BYDAY=+1MO,-1FR', 'FREQ=MONTHLY;BYDAY=1MO,-1FR'],
    ['FREQ=HOURLY;INTERVAL=6', 'FREQ=HOURLY;INTERVAL=6'],
    ['FREQ=DAILY;BYHOUR=18,9', 'FREQ=DAILY;BYHOUR=9,18'],
    ['FREQ=DAILY;UNTIL=20260301', 'FREQ=DAILY;UNTIL=20260301T235959'],
  ])('%s is %s', async (given, expected) => {
    expect(await formatted(given)).toBe(expected)
    expect(await formatted(expected)).toBe(expected)
  })

  test('UNTIL has the form of the times that it ends', async () => {
    const rule = 'FREQ=DAILY;UNTIL='
    expect(await formatted(`${rule}20260301T100000`, day)).toBe(`${rule}20260301`)
    expect(await formatted(`${rule}20260301T090000`, zoned)).toBe(`${rule}20260301T000000Z`)
    expect(await formatted(`${rule}20260301T000000Z`, zoned)).toBe(`${rule}20260301T000000Z`)
    expect(await fault(`${rule}20260301T000000Z`)).toBe('invalid_rule UNTIL')
    expect(await fault(`${rule}20260130`)).toBe('never_occurs UNTIL')
  })
})

describe('what is refused, and which part of it', () => {
  test.each([
    ['', 'invalid_rule RRULE'],
    ['FREQ', 'invalid_rule FREQ'],
    ['INTERVAL=2', 'invalid_rule FREQ'],
    ['FREQ=DAILY;', 'invalid_rule RRULE'],
    ['FREQ=DAILY;FREQ=DAILY', 'invalid_rule FREQ'],
    ['FREQ=DAILY;FOO=1', 'invalid_rule FOO'],
    ['FREQ=DAILY;RSCALE=GREGORIAN', 'invalid_rule RSCALE'],
    ['FREQ=DAILY;DTSTART=20260101', 'invalid_rule DTSTART'],
    ['FREQ=FORTNIGHTLY', 'invalid_rule FREQ'],
    ['FREQ=MINUTELY', 'invalid_rule FREQ'],
    ['FREQ=SECONDLY', 'invalid_rule FREQ'],
    ['FREQ=DAILY;BYMINUTE=1', 'invalid_rule BYMINUTE'],
    ['FREQ=DAILY;BYSECOND=1', 'invalid_rule BYSECOND'],
    ['FREQ=HOURLY;BYDAY=MO', 'invalid_rule BYDAY'],
    ['FREQ=DAILY;INTERVAL=0', 'invalid_rule INTERVAL'],
    ['FREQ=DAILY;INTERVAL=1000', 'invalid_rule INTERVAL'],
    ['FREQ=DAILY;INTERVAL=1.5', 'invalid_rule INTERVAL'],
    ['FREQ=DAILY;COUNT=0', 'invalid_rule COUNT'],
    ['FREQ=DAILY;COUNT=10000', 'invalid_rule COUNT'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20270101', 'invalid_rule UNTIL'],
    ['FREQ=DAILY;UNTIL=20260230', 'invalid_rule UNTIL'],
    ['FREQ=DAILY;UNTIL=20260301T250000', 'invalid_rule UNTIL'],
    ['FREQ=DAILY;UNTIL=99990101', 'invalid_rule UNTIL'],
    ['FREQ=DAILY;BYHOUR=24', 'invalid_rule BYHOUR'],
    ['FREQ=DAILY;BYHOUR=-1', 'invalid_rule BYHOUR'],
    ['FREQ=YEARLY;BYYEARDAY=0', 'invalid_rule BYYEARDAY'],
    ['FREQ=YEARLY;BYYEARDAY=367', 'invalid_rule BYYEARDAY'],
    ['FREQ=YEARLY;BYMONTH=13', 'invalid_rule BYMONTH'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'invalid_rule BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,', 'invalid_rule BYMONTHDAY'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'invalid_rule BYDAY'],
    ['FREQ=WEEKLY;BYDAY=MONDAY', 'invalid_rule BYDAY'],
    ['FREQ=MONTHLY;BYDAY=6MO', 'invalid_rule BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'invalid_rule BYDAY'],
    ['FREQ=YEARLY;BYMONTH=1;BYDAY=6MO', 'invalid_rule BYDAY'],
    ['FREQ=YEARLY;BYDAY=53TH', 'invalid_rule BYDAY'],
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'invalid_rule BYDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'invalid_rule BYMONTHDAY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'invalid_rule BYWEEKNO'],
    ['FREQ=DAILY;BYYEARDAY=1', 'invalid_rule BYYEARDAY'],
    ['FREQ=YEARLY;BYYEARDAY=100;BYDAY=MO', 'invalid_rule BYYEARDAY'],
    ['FREQ=YEARLY;BYWEEKNO=10;BYMONTHDAY=1', 'invalid_rule BYWEEKNO'],
    ['FREQ=YEARLY;BYMONTHDAY=1;BYDAY=1MO', 'invalid_rule BYDAY'],
    ['FREQ=WEEKLY;WKST=XX', 'invalid_rule WKST'],
    ['FREQ=WEEKLY;BYSETPOS=1', 'invalid_rule BYSETPOS'],
    ['FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3', 'invalid_rule BYSETPOS'],
    ['FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=2', 'invalid_rule BYSETPOS'],
    ['FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30', 'never_occurs BYMONTHDAY'],
    ['FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31,-31', 'never_occurs BYMONTHDAY'],
    ['FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6', 'never_occurs RRULE'],
    ['FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1', 'never_occurs RRULE'],
    [`FREQ=DAILY;BYHOUR=${Array(25).fill(1).join()}`, 'invalid_rule BYHOUR'],
    [`FREQ=DAILY;${'A'.repeat(500)}`, 'invalid_rule RRULE'],
  ])('%s', async (text, expected) => {
    expect(await fault(text)).toBe(expected)
  })

  test('an all-day task has no hours', async () => {
    expect(await fault('FREQ=HOURLY', day)).toBe('invalid_rule FREQ')
    expect(await fault('FREQ=DAILY;BYHOUR=9', day)).toBe('invalid_rule BYHOUR')
  })

  test('lists that are many times together', async () => {
    const list = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i).join()
    expect(await fault(`FREQ=MONTHLY;BYMONTHDAY=${list(1, 24)};BYHOUR=${list(0, 16)}`)).toBe(
      'invalid_rule RRULE',
    )
    expect(await fault(`FREQ=YEARLY;BYDAY=MO;BYHOUR=${list(0, 23)}`)).toBe('invalid_rule RRULE')
    expect(await fault(`FREQ=MONTHLY;BYMONTHDAY=${list(1, 20)};BYHOUR=${list(0, 19)}`)).toMatch(
      /^taken/,
    )
  })
})
