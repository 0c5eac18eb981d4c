// Ids that follow from the thing: the same for the same, sorted by its time.
import { expect, test } from 'vitest'
import { derivedId, isId } from '../../src/core/ids.ts'
import { isPosition, newestPosition } from '../../src/core/position.ts'

const DIGITS = '0123456789abcdef0123456789abcdef'

test('a derived id is a UUIDv7 of its time', () => {
  const id = derivedId(Date.UTC(2026, 0, 1, 10), 7, DIGITS)
  expect(id).toBe('019b78ff-f900-7007-8123-456789abcdef')
  expect(isId(id)).toBe(true)
  for (const first of '0123456789abcdef')
    expect(derivedId(0, 0, first + DIGITS)).toMatch(/^00000000-0000-7000-[89ab]/)
})

test('they sort by time, then by counter', () => {
  const ids = [
    derivedId(1, 0, DIGITS),
    derivedId(1, 1, DIGITS),
    derivedId(1, 4095, DIGITS),
    derivedId(2, 0, DIGITS),
    derivedId(2.9e12, 0, DIGITS),
  ]
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.map(newestPosition).toSorted()).toEqual(ids.map(newestPosition))
})

test.each([-1, -1e15, 1e15, 0.5])('the time %d is one that positions can be made of', (ms) => {
  const id = derivedId(ms, 1e6, DIGITS)
  expect(isId(id)).toBe(true)
  expect(isPosition(newestPosition(id))).toBe(true)
})
