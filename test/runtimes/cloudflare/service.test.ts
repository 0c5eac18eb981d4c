// A Worker that is set up wrongly is healthy, and says what to change. test/runtimes/workerd.test.ts
// starts real ones.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { listOf, listPathOf } from '../../../scripts/generate-migrations.ts'
import { isUnavailable } from '../../../src/db/unavailable.ts'
import type { Bindings } from '../../../src/runtimes/cloudflare/bindings.ts'
import { createService } from '../../../src/runtimes/cloudflare/service.ts'

const DB = {} // nothing is asked of it here
const hyperdrive = (connectionString: string) => ({ HYPERDRIVE: { connectionString } })

const ask = (path: string, bindings: object) =>
  createService().answer(new Request(`http://localhost${path}`), bindings as Bindings, {
    waitUntil: () => {},
  })

afterEach(() => vi.restoreAllMocks())

describe.each([
  [
    'no database',
    {},
    /^No database is bound to this Worker: bind a D1 database as DB, .* HYPERDRIVE, or set DATABASE_URL/,
  ],
  ['a variable in place of D1', { DB: 'secret-word' }, /^The binding DB is no D1 database: bind/],
  ['a bucket in place of D1', { DB: { put: 'secret-word' } }, /^The binding DB is no D1 database/],
  ['a blank one', { DATABASE_URL: ' ' }, /^No database is bound/],
  [
    'MySQL',
    { DATABASE_URL: 'mysql://ada:secret-word@db/x' },
    /^DATABASE_URL names MySQL or MariaDB, whose driver is too large/,
  ],
  [
    'a file',
    { DATABASE_URL: 'file:./secret-word.db' },
    /^DATABASE_URL names a file, and a Worker has no disk/,
  ],
  [
    'Postgres by its URL',
    { DATABASE_URL: 'postgres://ada:secret-word@db/x' },
    /which a Worker reaches by Hyperdrive only/,
  ],
  [
    'MySQL by Hyperdrive',
    hyperdrive('mysql://ada:secret-word@db/x'),
    /HYPERDRIVE leads to another database than Postgres/,
  ],
  [
    'D1 and libSQL',
    { DB, DATABASE_URL: 'libsql://secret-word.example.org' },
    /^Several databases are named, by the binding DB and DATABASE_URL/,
  ],
  [
    'D1 and Postgres',
    { DB, ...hyperdrive('postgres://ada:secret-word@db/x') },
    /by the binding DB and the binding HYPERDRIVE/,
  ],
  [
    'a bad variable',
    { DB, TRASH_DAYS: 'secret-word' },
    /^The configuration is not valid: the log names the variables/,
  ],
  [
    'a variable of an earlier version',
    { DB, DATABASE_REPLICA: 'file:/secret-word.db' },
    /^The configuration is not valid/,
  ],
  ['a bad variable that is no text', { DB, RATE_LIMIT: true }, /^The configuration is not valid/],
])('a Worker with %s', (_what, bindings, detail) => {
  test('answers 503 and why, and is healthy', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const refused = await ask('/api/v1/tasks', bindings)
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([
      503,
      'application/problem+json',
    ])
    const problem = (await refused.json()) as { code: string; detail: string }
    expect(problem.code).toBe('unavailable')
    expect(problem.detail).toMatch(detail)
    expect((await ask('/ready', bindings)).status).toBe(503)
    expect((await ask('/health', bindings)).status).toBe(200)
    const lines = logged.mock.calls.map(([line]) => String(line))
    expect(lines.length).toBeGreaterThan(0)
    expect(`${lines.join('\n')} ${JSON.stringify(problem)}`).not.toContain('secret-word')
    if ('DATABASE_REPLICA' in bindings)
      expect(JSON.parse(lines[0] ?? '').message).toMatch(
        /^DATABASE_REPLICA is not supported any more, .*DATABASE_URL/,
      )
    if ('TRASH_DAYS' in bindings)
      expect(JSON.parse(lines[0] ?? '').message).toMatch(/^TRASH_DAYS is not a whole number/)
  })
})

test.each(['sqlite', 'postgres'] as const)(
  'the script has every migration of drizzle/%s, in order',
  (dialect) => expect(readFileSync(listPathOf(dialect), 'utf8')).toBe(listOf(dialect)),
)

test.each([
  'Too many API requests by single worker invocation.',
  'D1_ERROR: Too many subrequests.',
])('a request that has asked D1 as often as the plan allows may be sent again later: %s', (words) =>
  expect(isUnavailable(new Error(words))).toBe(true),
)
