import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorkerd } from './bare-workerd.ts'
import { type MakeDatabase, makerOf } from './databases.ts'
import { describeRuntime } from './suite.ts'
import { startWrangler } from './wrangler.ts'

describeRuntime({ name: 'workerd', databases: ['D1', 'Postgres', 'libSQL server'], start: startWrangler })

/** A request whose caller hangs up after so many milliseconds. Answers whether it was still on its way then. */
const hangUp = (url: string, ms: number, body?: object): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(url, { agent: false, method: body ? 'POST' : 'GET', headers: body ? { 'Content-Type': 'application/json' } : {} })
    let answered = false
    asked.once('response', () => {
      answered = true
    })
    asked.once('error', () => resolve(!answered)).once('close', () => resolve(!answered))
    asked.end(body && JSON.stringify(body))
    setTimeout(() => asked.socket?.resetAndDestroy(), ms) // a mere end of sending would be no end of listening
  })

const ask = async (url: string) => {
  const began = performance.now()
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) })
  return { status: response.status, ms: performance.now() - began }
}

/** Keeps the migrations from going on: whoever starts meanwhile is in the middle of it. Answers what lets them go on. */
const holdMigrations = async (url: string): Promise<() => Promise<void>> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql`select pg_advisory_lock(hashtext('taskport.migrate'))`
  return () => sql.end()
}

const wanted = process.env['TEST_DATABASES']?.split(',') ?? ['D1', 'Postgres']
describe.each(['D1', 'Postgres', 'libSQL server'].filter((name) => wanted.includes(name)))('an isolate on %s', (name) => {
  const make = makerOf(name)
  test.skipIf(typeof make === 'string')('whose first callers hang up serves the next one', async () => {
    const { url: database, drop } = await (make as MakeDatabase)()
    // D1 is a part of wrangler's.
    const start = name === 'D1' ? startWrangler : startWorkerd
    const started = await start({ database, env: { RATE_LIMIT: 'off' } })
    const release = name === 'Postgres' ? await holdMigrations(database) : async () => {}
    try {
      const hung = await Promise.all([10, 40, 80, 150, 250, 400].map((ms) => hangUp(`${started.url}/ready`, ms)))
      expect(hung, 'somebody hung up in time').toContain(true)
      await release()
      const next = await ask(`${started.url}/ready`)
      expect(next.status, started.said()).toBe(200)
      expect(next.ms).toBeLessThan(1_000)

      const person = { email: 'ada@example.org', password: 'Ada likes long walks' }
      await fetch(`${started.url}/api/v1/auth/register`, json(person))
      const signIns = await Promise.all([5, 20, 50, 100].map((ms) => hangUp(`${started.url}/api/v1/auth/login`, ms, person)))
      expect(signIns, 'somebody hung up in time').toContain(true)
      expect((await fetch(`${started.url}/api/v1/auth/login`, json(person))).status, started.said()).toBe(200)
      expect(started.said()).not.toMatch(/different request|can never settle|hung/)
    } finally {
      await started.stop()
      await drop()
    }
  })
})

const json = (body: object) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

test('a Worker to which no database is bound is healthy, and says what to bind', async () => {
  const started = await startWrangler({ database: '' })
  try {
    const refused = await fetch(`${started.url}/api/v1/tasks`)
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([503, 'application/problem+json'])
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(/^No database is bound .* DB, .* HYPERDRIVE, or set DATABASE_URL/),
    })
    expect((await fetch(`${started.url}/health`)).status).toBe(200)
    expect((await fetch(`${started.url}/ready`)).status).toBe(503)
  } finally {
    await started.stop()
  }
})

describe('a Worker', () => {
  let [started, drop]: [Awaited<ReturnType<typeof startWrangler>>?, (() => Promise<void>)?] = []
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
    const counted = (await started?.sql('select key from rate_limits'))?.map(({ key }) => key)
    expect(counted).toContain(createHash('sha256').update('auth-address 127.0.0.1').digest('hex'))
  })

  test('deletes what has expired when its schedule says so', async () => {
    await started?.sql("insert into rate_limits (key, points, resets_at) values ('expired', 1, 0)")
    const keys = async () => (await started?.sql('select key from rate_limits'))?.map(({ key }) => key)
    const before = await keys()
    expect(before).toContain('expired')
    const response = await fetch(at('/cdn-cgi/local/scheduled'))
    expect([response.status, await response.text()]).toEqual([200, 'ok'])
    expect(await keys()).toEqual(before?.filter((key) => key !== 'expired'))
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
