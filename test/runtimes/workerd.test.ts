import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/size.ts'
import { makerOf } from './databases.ts'
import { describeRuntime } from './suite.ts'
import { startWrangler } from './wrangler.ts'

describeRuntime({
  name: 'workerd',
  databases: ['D1', 'Postgres', 'libSQL server'],
  start: startWrangler,
  edge: true,
})

const json = (body: object) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

test('a Worker to which no database is bound is healthy, and says what to bind', async () => {
  const started = await startWrangler({ database: '' })
  try {
    const refused = await fetch(`${started.url}/api/v1/tasks`)
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([
      503,
      'application/problem+json',
    ])
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(
        /^No database is bound .* DB, .* HYPERDRIVE, or set DATABASE_URL/,
      ),
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
    started = await startWrangler({
      database: made.url,
      env: { RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3', LOG_LEVEL: 'debug' },
    })
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
    expect(counted).toContain(
      createHash('sha256').update('sign-in-network 60 127.0.0.1').digest('hex'),
    )
  })

  test('deletes what has expired when its schedule has confirmed the time for a day', async () => {
    // Each command starts wrangler, which takes seconds.
    const keysAfter = async (change: string) =>
      (await started?.sql(`${change}; select key from rate_limits`))?.map(({ key }) => key)
    const schedule = async () => {
      const response = await fetch(at('/cdn-cgi/local/scheduled'))
      expect([response.status, await response.text()]).toEqual([200, 'ok'])
    }
    const before = await keysAfter(
      "insert into rate_limits (key, points, resets_at) values ('expired', 1, 0)",
    )
    expect(before).toContain('expired')
    await schedule()
    // As thirty runs leave it.
    const [now, hour] = [Date.now(), 60 * 60 * 1000]
    const looks = [30, 1].map((ago) => ({ at: now - ago * hour, observed: (30 - ago) * hour }))
    const data = JSON.stringify({ clock: { confirmed: 0, looks } })
    const after = await keysAfter(`update leases set data = '${data}'`)
    expect(after, 'not by one reading of the clock').toEqual(before)
    await schedule()
    expect(await keysAfter('select 1')).toEqual(before?.filter((key) => key !== 'expired'))
  })

  test('writes its log as JSON lines', async () => {
    const { headers } = await fetch(at('/api/v1/tasks'), { headers: { 'X-Request-Id': 'find-me' } })
    expect(headers.get('X-Request-Id')).toBe('find-me')
    const said = () => started?.said() ?? ''
    await until(() => said().includes('"find-me"')) // the lines come by way of another process
    const lines = said()
      .split('\n')
      .filter((line) => line.includes('"find-me"'))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'info', operation: 'listTasks', status: 401 },
    ])
  })
})
