// Two processes on one Postgres, one of them killed in the middle of a minute in which thousands of
// reminders are due: each fires once, and none is lost. REMINDERS says how many.
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { freshDatabases } from '../support/fresh.ts'
import { startTaskport } from '../support/process.ts'
import { isSmall, sized, until } from '../support/size.ts'

const REMINDERS = sized('REMINDERS', { full: 10_000, small: 400 })
/** A task takes so many. */
const EACH = 20
const USERS = 10
/** Milliseconds in which all of them are due. */
const MINUTE = isSmall ? 3_000 : 60_000
/** Milliseconds until the first is due: by then all are set. */
const AHEAD = isSmall ? 3_000 : 120_000
const AT_ONCE = 4

type Told = { readonly entity_id: string; readonly type: string; readonly times: number }

const make = freshDatabases().Postgres

test.skipIf(make === undefined)(
  `${REMINDERS} reminders due within a minute, two processes, one killed in between`,
  async () => {
    const fresh = await make?.()
    if (!fresh) throw new Error('no server')
    const sql = postgres(fresh.url, { max: 1, onnotice: () => {} })
    const env = { DATABASE_URL: fresh.url, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' }
    const [killed, other] = [await startTaskport(env), await startTaskport(env)]
    let bases = [killed.url, other.url]
    let at = 0
    const post = async (token: string, path: string, body: object) => {
      const headers = {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      for (;;) {
        const response = await fetch((bases[at++ % bases.length] as string) + path, init)
        const text = await response.text()
        if (response.status === 201) return JSON.parse(text)
        // On a busy machine a write may wait for too long, and is repeated as the answer says.
        if (response.status !== 503) throw new Error(`${path}: ${response.status} ${text}`)
      }
    }

    const begin = Date.now() + AHEAD
    const instants = Array.from({ length: REMINDERS }, (_, i) =>
      new Date(begin + (Math.floor((i * 7919 * MINUTE) / REMINDERS) % MINUTE)).toISOString(),
    )
    const ids: string[] = []
    const tokens: string[] = []
    for (let i = 0; i < USERS; i++) {
      const account = { email: `user${i}@example.org`, password: `user ${i} likes long walks` }
      tokens.push((await post('', '/api/v1/auth/register', account)).access_token)
    }
    const setter = async (token: string) => {
      for (let some = instants.splice(0, EACH); some.length > 0; some = instants.splice(0, EACH)) {
        const task = await post(token, '/api/v1/tasks', { title: 'Sweep' })
        for (const instant of some) {
          const trigger = { kind: 'instant', at: instant }
          ids.push((await post(token, `/api/v1/tasks/${task.id}/reminders`, { trigger })).id)
        }
      }
    }
    const began = Date.now()
    await Promise.all(
      tokens.flatMap((token) => Array.from({ length: AT_ONCE / 2 }, () => setter(token))),
    )
    const setFor = Date.now() - began
    expect(new Set(ids).size).toBe(REMINDERS)

    const count = async () =>
      Number((await sql`select count(*) as n from events where type = 'reminder.fired'`)[0]?.['n'])
    await until(async () => (await count()) >= REMINDERS / 2)
    killed.child.kill('SIGKILL')
    const atKill = await count()
    await until(async () => (await count()) >= REMINDERS)
    const lastAt = Date.now()
    // One that comes back looks at once: it finds none to fire again.
    const again = await startTaskport(env)
    bases = [other.url, again.url]
    const trigger = { kind: 'instant', at: new Date().toISOString() }
    const task = await post(tokens[0] as string, '/api/v1/tasks', { title: 'The last' })
    const last = await post(tokens[0] as string, `/api/v1/tasks/${task.id}/reminders`, { trigger })
    await until(async () => (await count()) > REMINDERS)

    const told = await sql<
      Told[]
    >`select entity_id, type, count(*)::int as times from events where type in ('reminder.fired', 'reminder.missed') group by entity_id, type`
    expect(told.filter(({ times }) => times !== 1)).toEqual([])
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(['reminder.fired']))
    expect(told.map(({ entity_id }) => entity_id).sort()).toEqual([...ids, last.id].sort())
    const [row] = await sql`
      select count(*) filter (where status <> 'fired') as others, count(*) filter (where fired_at < fire_at) as early,
        max(extract(epoch from fired_at - fire_at)) as delay from reminders`
    expect([Number(row?.['others']), Number(row?.['early'])]).toEqual([0, 0])
    console.log(
      `reminders: ${REMINDERS} set in ${setFor} ms; killed at ${atKill}; the last fired ${lastAt - begin - MINUTE} ms after the minute, the latest ${Number(row?.['delay']).toFixed(1)} s after its time`,
    )
    for (const { child, exit } of [other, again]) {
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    }
    await sql.end()
    await fresh.drop()
  },
)
