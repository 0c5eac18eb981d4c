// Days of the year in the words of Todoist.
import { expect, test } from 'vitest'
import { datedBy } from '../../../src/features/imports/formats/todoist-dates.ts'

const setting = { zone: null, now: Date.UTC(2026, 10, 23, 9), timeZone: 'UTC' }

test.each([
  ['every feb 29', '2028-02-29'],
  ['every dec 31', '2026-12-31'],
  ['every nov 23', '2026-11-23'],
  ['every nov 22', '2027-11-22'],
  ['every 31', '2026-12-31'],
])('%s', (words, date) => {
  expect(datedBy(words, setting)?.due).toEqual({ kind: 'day', date })
})

test.each(['every feb 30', 'every apr 31', 'every jan 0', 'every 0'])('%s is no day', (words) => {
  expect(datedBy(words, setting)).toBe(undefined)
})
