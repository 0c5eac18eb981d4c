import { expect, test } from 'vitest'
import { fromMySqlDatetime, fromPostgresTimestamp } from '../../src/db/instant.ts'

test.each([
  ['2026-12-01 09:00:00.123+00', '2026-12-01T09:00:00.123Z'],
  ['2026-12-01 09:00:00+00', '2026-12-01T09:00:00.000Z'],
  // A pooler may keep the session in the server's own zone.
  ['2026-12-01 14:30:00.123+05:30', '2026-12-01T09:00:00.123Z'],
  ['2026-12-01 04:00:00.1-05', '2026-12-01T09:00:00.100Z'],
])('what Postgres writes as %s is %s', (written, instant) => {
  expect(fromPostgresTimestamp(written)).toBe(instant)
})

test('what MySQL writes is UTC', () => {
  expect(fromMySqlDatetime('2026-12-01 09:00:00.123')).toBe('2026-12-01T09:00:00.123Z')
})
