import { request } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makerOf } from './databases.ts'
import { describeRuntime, type Started } from './suite.ts'
import { startWrangler } from './wrangler.ts'

describeRuntime({ name: 'workerd', databases: ['D1', 'Postgres', 'libSQL server'], start: startWrangler })

/** A request whose caller hangs up after so many milliseconds. Answers whether it was still on its way then. */
const hangUp = (url: string, ms: number, body?: object): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(url, { method: body ? 'POST' : 'GET', headers: body ? { 'Content-Type': 'application/json' } : {} })
    let answered = false
    asked.once('response', () => {
      answered = true
    })
    asked.once('error', () => resolve(!answered)).once('close', () => resolve(!answered))
    asked.end(body && JSON.stringify(body))
    setTimeout(() => asked.destroy(), ms)
  })

const ask = async (url: string) => {
  const began = performance.now()
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) })
  return { status: response.status, ms: performance.now() - began }
}

const wanted = process.env['TEST_DATABASES']?.split(',') ?? ['D1', 'Postgres']
describe.each(['D1', 'Postgres', 'libSQL server'].filter((name) => wanted.includes(name)))('an isolate on %s', (name) => {
  const make = makerOf(name)
  test.skipIf(typeof make === 'string')('whose first callers hang up serves the next one', async () => {
    const { url: database, drop } = await (make as Exclude<typeof make, string>)()
    const started = await startWrangler({ database, env: { RATE_LIMIT: 'off' } })
    try {
      const hung = await Promise.all([2, 10, 30, 60].map((ms) => hangUp(`${started.url}/ready`, ms)))
      expect(hung, 'somebody hung up in time').toContain(true)
      const next = await ask(`${started.url}/ready`)
      expect(next.status, started.said()).toBe(200)
      expect(next.ms).toBeLessThan(1_000)

      const person = { email: 'ada@example.org', password: 'Ada likes long walks' }
      await fetch(`${started.url}/api/v1/auth/register`, json(person))
      const signIns = await Promise.all(
        Array.from({ length: 12 }, (_, i) => hangUp(`${started.url}/api/v1/auth/login`, 5 + 15 * i, person)),
      )
      expect(signIns, 'somebody hung up in time').toContain(true)
      expect((await fetch(`${started.url}/api/v1/auth/login`, json(person))).status).toBe(200)
      expect(started.said()).not.toMatch(/different request|hung/)
    } finally {
      await started.stop()
      await drop()
    }
  })
})

const json = (body: object) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

describe('a Worker that is set up wrongly is healthy, and says what to change', () => {
  test.each([
    ['no database', { database: '' }, /No database is bound .* DB, .* HYPERDRIVE, or set DATABASE_URL/],
    ['MySQL', { database: 'mysql://ada:secret-word@127.0.0.1/x' }, /MySQL or MariaDB, whose driver is too large/],
    ['a file', { database: 'file:./taskport.db' }, /a file, and a Worker has no disk/],
    ['Postgres by its URL', { database: '', env: { DATABASE_URL: 'postgres://ada:secret-word@127.0.0.1/x' } }, /by Hyperdrive only/],
    [
      'two databases',
      { database: 'd1:', env: { DATABASE_URL: 'http://127.0.0.1:1' } },
      /the binding DB and DATABASE_URL each name a database/,
    ],
    ['a variable that does not fit', { database: 'd1:', env: { TRASH_DAYS: 'secret-word' } }, /The configuration is not valid/],
    ['nobody may migrate', { database: 'd1:', env: { MIGRATE: 'check' } }, /MIGRATE is check, and the database lacks 0000_/],
  ])('%s', async (_what, options, detail) => {
    const made = options.database === 'd1:' ? await (makerOf('D1') as Exclude<ReturnType<typeof makerOf>, string>)() : undefined
    const started = await startWrangler({ ...options, database: made?.url ?? options.database })
    try {
      const refused = await fetch(`${started.url}/api/v1/tasks`)
      expect([refused.status, refused.headers.get('Content-Type')]).toEqual([503, 'application/problem+json'])
      expect(((await refused.json()) as { detail: string }).detail).toMatch(detail)
      expect((await fetch(`${started.url}/health`)).status).toBe(200)
      expect((await fetch(`${started.url}/ready`)).status).toBe(503)
      // What wrangler itself shows of the variables is not our log.
      const log = started
        .said()
        .split('\n')
        .filter((line) => line.includes('"level"'))
      expect(log.join('\n')).toContain('"error"')
      expect(log.join('\n')).not.toContain('secret-word')
      if (options.env && 'TRASH_DAYS' in options.env) expect(log[0]).toContain('TRASH_DAYS is not a whole number')
    } finally {
      await started.stop()
      await made?.drop()
    }
  })
})

describe('a Worker', () => {
  let [started, drop]: [Started?, (() => Promise<void>)?] = []
  beforeAll(async () => {
    const make = makerOf('D1')
    if (typeof make === 'string') throw new Error(make)
    const made = await make()
    drop = made.drop
    started = await startWrangler({ database: made.url, env: { RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3', LOG_LEVEL: 'debug' } })
  })
  afterAll(async () => {
    await started?.stop()
    await drop?.()
  })
  const at = (path: string) => `${started?.url}${path}`

  test('counts sign-ins by the address that the platform saw, whatever the caller claims', async () => {
    const signIn = (claimed: string) =>
      fetch(at('/api/v1/auth/login'), {
        ...json({ email: 'ada@example.org', password: 'some password' }),
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': claimed },
      })
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await signIn(`10.0.0.${i}`)).status)
    expect(statuses).toEqual([401, 401, 401, 429])
  })

  test('deletes what has expired when its schedule says so', async () => {
    const response = await fetch(at('/cdn-cgi/handler/scheduled?cron=0+*+*+*+*'))
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
  })

  test('writes its log as JSON lines', async () => {
    const { headers } = await fetch(at('/api/v1/tasks'), { headers: { 'X-Request-Id': 'find-me' } })
    expect(headers.get('X-Request-Id')).toBe('find-me')
    while (!started?.said().includes('"find-me"')) await after(20) // the lines come by way of another process
    const lines = started
      .said()
      .split('\n')
      .filter((line) => line.includes('"find-me"'))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'info', operation: 'listTasks', status: 401 }])
  })
})
