import { expect, test } from 'vitest'
import {
  look,
  type ObservedClock,
  olderThan,
} from '../../../src/features/maintenance/confirmed-time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 23, 9)

/** Looks every so often, as long as told; answers what is known then, and what the clock says. */
const running = (given: ObservedClock | undefined, from: number, times: number, every = HOUR) => {
  let [known, now] = [given, from]
  for (let i = 0; i < times; i++) {
    now += every
    known = look(known, now)
  }
  return { known: known as ObservedClock, now }
}

test('a look is confirmed by a day of others, and by nothing less', () => {
  const first = look(undefined, START)
  expect(olderThan(running(first, START, 23).known, 0)).toBe(0)
  expect(olderThan(running(first, START, 24).known, 0)).toBe(START)
  expect(olderThan(running(first, START, 100).known, HOUR)).toBe(START + 76 * HOUR - HOUR)
})

for (const days of [1, 2, 40, 100, 365, 36_500])
  test(`a clock that is ${days} days ahead for less than a day confirms nothing`, () => {
    const { known, now } = running(look(undefined, START), START, 60)
    const ahead = now + days * DAY
    for (const hours of [1, 5, 22]) {
      const wrong = running(look(known, ahead), ahead, hours)
      expect(wrong.known.confirmed).toBeLessThanOrEqual(now)
      const back = look(wrong.known, now + hours * HOUR)
      expect(back.confirmed).toBeLessThanOrEqual(now)
      expect(back.passedTwice, 'it was never confirmed').toBeUndefined()
      // From there on all is as ever.
      const again = running(back, now + hours * HOUR, 24)
      expect(again.known.confirmed).toBe(again.now - DAY)
    }
  })

test('starts in a row and looks within minutes are not a day', () => {
  const { known, now } = running(look(undefined, START), START, 60)
  const wrong = running(known, now + 40 * DAY, 1_000, MINUTE)
  expect(wrong.known.confirmed).toBeLessThanOrEqual(now)
  expect(wrong.known.looks.length).toBeLessThan(50)
})

test('twenty jumps in a row confirm nothing', () => {
  const { known, now } = running(look(undefined, START), START, 60)
  expect(running(known, now, 20, 40 * DAY).known.confirmed).toBeLessThanOrEqual(now)
})

test('a service that runs for an hour a day gets there, too', () => {
  let [known, now] = [look(undefined, START), START]
  for (let day = 0; day < 30; day++) {
    now += 23 * HOUR
    known = look(known, now)
    now += HOUR
    known = look(known, now)
  }
  expect(known.confirmed).toBeGreaterThan(now - 14 * DAY)
  expect(known.confirmed).toBeLessThanOrEqual(now - DAY)
})

test('what was written while the clock was behind is as old as it is, and not older', () => {
  const right = running(look(undefined, START), START, 60)
  const behind = right.now - 40 * DAY
  const wrong = running(look(right.known, behind), behind, 10)
  const written = wrong.now
  const back = running(wrong.known, right.now + 10 * HOUR, 30)
  const isOld = ({ known }: typeof back, days: number) => written < olderThan(known, days * DAY)
  expect(isOld(back, 30)).toBe(false)
  // What was older than that before is due as ever.
  expect(behind - DAY).toBeLessThan(olderThan(back.known, 30 * DAY))
  const later = running(look(back.known, back.now + 20 * DAY), back.now + 20 * DAY, 24)
  expect(isOld(later, 30)).toBe(false)
  const due = running(look(later.known, later.now + 11 * DAY), later.now + 11 * DAY, 26)
  expect(isOld(due, 30)).toBe(true)
})
