// Which slot comes next, however many were missed.
import { RRuleTemporal } from 'rrule-temporal'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { WallTime } from '../../../../src/core/wall-clock.ts'
import { nextOccurrence } from '../../../../src/features/tasks/recurrence/next.ts'

/** The next one of a task that has stood at its first slot until this instant. */
const nextOf = (rule: string, starts: WallTime, now: string) => {
  const count = Number(/COUNT=(\d+)/.exec(rule)?.[1] ?? 0)
  const recurrence = { rule, anchor: 'due', missed: 'skip', starts } as const
  const left = count === 0 ? null : count - 1
  const standing = { recurrence, occurrence: starts, due: starts, start: null, left }
  return nextOccurrence(standing, {
    outcome: 'completed',
    nowMs: Date.parse(now),
    zone: 'Europe/Berlin',
  })
}

const looks = () => {
  const next = vi.spyOn(RRuleTemporal.prototype, 'next')
  onTestFinished(() => next.mockRestore())
  return () => next.mock.calls.length
}
const floating = (datetime: string): WallTime => ({ kind: 'floating', datetime })
const zoned = (datetime: string): WallTime => ({
  kind: 'zoned',
  datetime,
  time_zone: 'Europe/Berlin',
})
const hours = Array.from({ length: 24 }, (_, hour) => hour).join()

test('thousands of missed slots are counted without finding them', async () => {
  const looked = looks()
  const daily = 'FREQ=DAILY;COUNT=9999'
  const day: WallTime = { kind: 'day', date: '2000-01-01' }
  expect(await nextOf(daily, day, '2026-11-29T12:00:00Z')).toEqual({
    slot: { kind: 'day', date: '2026-11-30' },
    start: null,
    left: 9_998 - 9_830,
  })
  expect(await nextOf('FREQ=DAILY;COUNT=9831', day, '2026-11-29T12:00:00Z')).toMatchObject({
    left: 0,
  })
  expect(await nextOf('FREQ=DAILY;COUNT=9830', day, '2026-11-29T12:00:00Z')).toBeUndefined()
  const old: WallTime = { kind: 'day', date: '1000-01-01' }
  expect(await nextOf(daily, old, '2026-11-29T12:00:00Z')).toBeUndefined()
  expect(looked()).toBe(4)
})

test.each([
  ['each hour of a day', `FREQ=DAILY;BYHOUR=${hours};COUNT=9999`],
  ['from the year 1000', `FREQ=DAILY;BYHOUR=${hours}`],
])('what has passed today is not looked at: %s', async (_, rule) => {
  const looked = looks()
  for (const starts of [floating('1000-01-01T09:00:00'), zoned('2026-11-01T09:00:00')])
    await nextOf(rule, starts, '2026-11-29T12:30:00Z')
  expect(looked()).toBe(2)
})

test.each([
  ['2026-03-29T00:59:00Z', '2026-03-29T02:30:00'],
  // The clock is at 03:10, and what is due at 02:30 is due at 03:30.
  ['2026-03-29T01:10:00Z', '2026-03-29T02:30:00'],
  ['2026-03-29T01:30:00Z', '2026-03-30T02:30:00'],
  ['2026-10-25T00:29:59Z', '2026-10-25T02:30:00'],
  ['2026-10-25T00:30:00Z', '2026-10-26T02:30:00'],
  // The clock is at 02:15 once more.
  ['2026-10-25T01:15:00Z', '2026-10-26T02:30:00'],
])('a slot has passed when its instant has: at %s', async (now, expected) => {
  for (const starts of [floating('2026-01-01T02:30:00'), zoned('2026-01-01T02:30:00')])
    expect((await nextOf('FREQ=DAILY', starts, now))?.slot).toMatchObject({ datetime: expected })
})
