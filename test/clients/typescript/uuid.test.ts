import { afterEach, expect, test, vi } from 'vitest'
import { uuidv7 } from '../../../clients/typescript/src/index.ts'

afterEach(() => vi.useRealTimers())

const timeOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)

test('ids are UUIDv7 of the present, differ, and grow', () => {
  const before = Date.now()
  const ids = Array.from({ length: 20_000 }, uuidv7)
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids.map((id) => id.slice(19))).size).toBe(ids.length)
  expect(timeOf(ids[0] ?? '')).toBeGreaterThanOrEqual(before)
})

test('they grow where more are made in a millisecond than the counter has room for, and where the clock was set back', () => {
  vi.useFakeTimers()
  const start = Date.now() + 60_000
  vi.setSystemTime(start)
  const ids = Array.from({ length: 10_000 }, uuidv7)
  expect(ids.toSorted()).toEqual(ids)
  expect(timeOf(ids.at(-1) ?? '') - start).toBeLessThan(10)
  vi.setSystemTime(start - 30_000)
  expect(uuidv7() > (ids.at(-1) ?? '')).toBe(true)
})
