// Where a task of a file stands in its series.
import { expect, test } from 'vitest'
import { parseRule } from '../../../../src/core/recurrence/parse-rule.ts'
import { openSeries, wallOf } from '../../../../src/core/recurrence/series.ts'
import { seriesOfFile } from '../../../../src/features/tasks/index.ts'

const once = { anchor: 'due', missed: 'skip', occurrence: null, left: null, starts: null } as const
const day = { kind: 'day', date: '2020-01-06' } as const
const zoned = {
  kind: 'zoned',
  datetime: '2020-01-06T09:00:00',
  time_zone: 'Europe/Berlin',
} as const

/** Slot by slot. */
const walked = async (rule: string, first: typeof day | typeof zoned, passed: number) => {
  const series = await openSeries(parseRule(rule), first)
  let at = wallOf(first)
  for (let step = 0; step < passed; step++) {
    const next = series.after(at)
    if (next === undefined) break
    at = wallOf(next)
  }
  return at
}

test.each([
  ['FREQ=DAILY', 0],
  ['FREQ=DAILY', 1],
  ['FREQ=DAILY;INTERVAL=3', 50],
  ['FREQ=WEEKLY;BYDAY=MO,WE,FR', 400],
  ['FREQ=MONTHLY;BYMONTHDAY=31', 60],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 5],
  ['FREQ=DAILY;UNTIL=20200120', 100],
])('%s with %i slots over', async (rule, passed) => {
  const { due } = await seriesOfFile({ ...once, rule, passed }, day)
  expect(wallOf(due)).toBe(await walked(rule, day, passed))
})

test.each([
  ['FREQ=DAILY;BYHOUR=9,13,21', 100],
  ['FREQ=HOURLY;INTERVAL=5', 2_000],
])('with a time: %s with %i slots over', async (rule, passed) => {
  const { due } = await seriesOfFile({ ...once, rule, passed }, zoned)
  expect(wallOf(due)).toBe(await walked(rule, zoned, passed))
})

test('thousands of slots are over at once', async () => {
  const given = { ...once, rule: 'FREQ=DAILY', passed: 2_500 }
  expect((await seriesOfFile(given, day)).due).toEqual({ kind: 'day', date: '2026-11-10' })
  const all = { ...given, passed: 10_000 }
  await expect(seriesOfFile(all, day)).rejects.toThrow('more than 9999 of its slots')
})

test('COUNT goes on behind the thousandth slot, too', async () => {
  const begins = { kind: 'day', date: '2020-01-06' } as const
  const due = { kind: 'day', date: '2024-01-06' } as const
  const { left, recurrence } = await seriesOfFile(
    { ...once, rule: 'FREQ=DAILY;COUNT=2000', begins },
    due,
  )
  // 1,461 days of four years are over.
  expect([left, recurrence?.starts]).toEqual([2_000 - 1 - 1_461, begins])
})
