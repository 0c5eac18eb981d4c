// Counting slots without finding each of them says what finding them one by one says.
import { RRuleTemporal } from 'rrule-temporal'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { randomOf } from '../../../bench/data/random.ts'
import { ruleFor } from '../../../src/core/recurrence/compose.ts'
import { daysOfPeriods } from '../../../src/core/recurrence/days.ts'
import { parseRule } from '../../../src/core/recurrence/parse-rule.ts'
import { formatRule, type Rule, RuleFault } from '../../../src/core/recurrence/rule.ts'
import { openSeries, wallOf } from '../../../src/core/recurrence/series.ts'
import type { WallTime } from '../../../src/core/wall-clock.ts'
import { randomRule, randomWall } from '../../soak/recurrence/rules.ts'
import { seedFrom } from '../../support/size.ts'

const MOST = 9_998

/** The first slots of a series, its first time included. */
const slotsOf = async (rule: Rule, starts: WallTime, most: number): Promise<string[]> => {
  const series = await openSeries(rule, starts)
  const found = [wallOf(starts)]
  while (found.length < most) {
    const slot = series.after(found.at(-1) as string)
    if (slot === undefined) break
    found.push(wallOf(slot))
  }
  return found
}

/** Each of some slots, counted from some of those before it. */
const expectCounted = async (rule: Rule, starts: WallTime, most: number, said: string) => {
  const slots = await slotsOf(rule, starts, most)
  const series = await openSeries(rule, starts)
  for (const [to, upTo] of slots.entries())
    for (const from of new Set([0, to >> 1, Math.max(0, to - 1)])) {
      const after = slots[from] as string
      const counted = series.count({ after, upTo, most: MOST })
      expect(counted, `${said} from ${after} to ${upTo}`).toBe(to - from)
    }
}

const taken = async (text: string, starts: WallTime): Promise<Rule | undefined> => {
  try {
    return await ruleFor(text, starts)
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}

test('of rules with all parts', async () => {
  const seed = seedFrom('SEED')
  const random = randomOf(seed)
  for (let compared = 0; compared < 150; ) {
    const [text, datetime] = [randomRule(random), randomWall(random)]
    const starts: WallTime =
      text.includes('BYHOUR') || random() < 0.5
        ? { kind: 'floating', datetime }
        : { kind: 'day', date: datetime.slice(0, 10) }
    const rule = await taken(text, starts)
    if (!rule) continue
    compared++
    await expectCounted(rule, starts, 12, `SEED=${seed}: ${formatRule(rule)}`)
  }
})

describe('of hours, where clocks change', () => {
  test.each([
    ['Europe/Berlin', '2026-10-24T20:00:00'],
    ['Europe/Berlin', '2026-10-25T00:30:00'],
    ['Europe/Berlin', '2026-03-28T20:15:00'],
    ['Australia/Lord_Howe', '2026-04-04T12:00:00'],
    ['Pacific/Apia', '2011-12-28T22:00:00'],
    // The date line was moved: the fourth of July came twice.
    ['Pacific/Apia', '1892-07-03T20:00:00'],
    ['UTC', '2026-01-01T00:00:00'],
  ])('in %s from %s', async (time_zone, datetime) => {
    for (const interval of [1, 2, 5, 24, 30]) {
      const rule = parseRule(`FREQ=HOURLY;INTERVAL=${interval}`)
      await expectCounted(rule, { kind: 'zoned', datetime, time_zone }, 40, `each ${interval}`)
    }
  })
})

test('more than the most are not counted', async () => {
  const starts: WallTime = {
    kind: 'zoned',
    datetime: '2000-01-01T09:00:00',
    time_zone: 'Asia/Tokyo',
  }
  for (const rule of ['FREQ=DAILY', 'FREQ=HOURLY']) {
    const series = await openSeries(parseRule(rule), starts)
    expect(series.count({ after: wallOf(starts), upTo: '2026-01-01T09:00:00', most: 7 })).toBe(8)
  }
})

describe('what it costs', () => {
  const list = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i).join()
  const rules = [
    'FREQ=DAILY;COUNT=9999',
    'FREQ=DAILY;INTERVAL=999;COUNT=9999',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;COUNT=9999',
    `FREQ=DAILY;BYHOUR=${list(0, 23)};COUNT=9999`,
    'FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;COUNT=9999',
    'FREQ=MONTHLY;BYDAY=5MO;COUNT=9999',
    'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;COUNT=9999',
  ]
  const starts: WallTime = { kind: 'floating', datetime: '1000-01-01T09:00:00' }

  test.each(rules)('%s from the year 1000', async (text) => {
    const next = vi.spyOn(RRuleTemporal.prototype, 'next')
    onTestFinished(() => next.mockRestore())
    const series = await openSeries(parseRule(text), starts)
    const slot = series.after('2026-11-29T00:00:00') as WallTime
    series.count({ after: wallOf(starts), upTo: wallOf(slot), most: MOST })
    expect(next.mock.calls.length).toBe(1)
  })

  test('a period that is looked at is a month at least, or a week of the rule', () => {
    const longest = { from: -354_285, to: 2_932_896 }
    for (const text of rules) {
      const periods = [...daysOfPeriods(parseRule(text), '1000-01-01', longest)].length
      expect(periods, text).toBeLessThanOrEqual(9_000 * (text.includes('WEEKLY') ? 53 : 12))
    }
  })
})
