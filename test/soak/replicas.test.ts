// Three processes on one Postgres, and 200 clients who never talk to the same one twice in a row.
// SECONDS says for how long; a small run takes a number of steps instead.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabases } from '../support/fresh.ts'
import { startTaskport } from '../support/process.ts'
import { isSmall, until } from '../support/size.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 30)
const CLIENTS = isSmall ? 40 : 200
/** Steps of a client in a small run. */
const STEPS = 20
const USERS = 20
const PROCESSES = 3
/** A session that has ended stops working everywhere within this time (milliseconds). */
const REVOKED_MS = 30_000

type Json = any // Tests read what they expect, and fail where it is not there.
/** `repeated`: whether it was asked for once more, so that a write may have been done before. */
type Answer = { readonly status: number; readonly body: Json; readonly repeated: boolean }

const tally = new Map<string, number>()
/**
 * Sends a request. A server that is slow on a busy machine is a 503: a small run asks again then, as
 * clients do, and any other one takes it for a fault.
 */
const send = async (...request: Parameters<typeof sendOnce>): Promise<Answer> => {
  let answer = await sendOnce(...request)
  const repeated = isSmall && answer.status === 503
  while (isSmall && answer.status === 503) answer = await sendOnce(...request)
  const [, , method, path] = request
  if (answer.status >= 500)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return { ...answer, repeated }
}
const sendOnce = async (
  base: string,
  token: string,
  method: string,
  path: string,
  body?: object,
  extra: object = {},
): Promise<Omit<Answer, 'repeated'>> => {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(token !== '' && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...extra,
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const name = `${method} ${response.status}`
  tally.set(name, (tally.get(name) ?? 0) + 1)
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}
/** What was deleted before is not there when it is asked for once more. */
const expectDeleted = ({ status, repeated }: Answer): void =>
  expect(repeated ? [204, 404] : [204]).toContain(status)

/** What a client knows about its own tasks. */
type Known = { title: string; status: string }
type Account = {
  readonly email: string
  readonly password: string
  readonly token: string
  readonly tasks: Map<string, Known>
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** One step of one client; every request goes to a process of chance. */
const step = async (
  bases: readonly string[],
  { token, tasks }: Account,
  own: string[],
): Promise<void> => {
  const ask = (method: string, path: string, body?: object, extra?: object) =>
    send(pick(bases), token, method, path, body, extra)
  const chance = Math.random()
  const id = own.length > 0 ? pick(own) : undefined
  if (id === undefined || chance < 0.3) {
    const title = randomUUID()
    const headers = { 'Idempotency-Key': title }
    // The same request at all processes at once: one makes the task, the others answer it, or say
    // that it is under way.
    const repeats = chance < 0.1 ? bases : [pick(bases)]
    const first = await Promise.all(
      repeats.map((base) => send(base, token, 'POST', '/api/v1/tasks', { title }, headers)),
    )
    for (const { status } of first) expect([201, 409]).toContain(status)
    const repeat = () => ask('POST', '/api/v1/tasks', { title }, headers)
    let again = await repeat()
    // What was answered 503 may still be under way.
    while (again.status === 409 && first.some(({ repeated }) => repeated)) again = await repeat()
    expect(again.status).toBe(201)
    for (const { status, body } of first) if (status === 201) expect(body.id).toBe(again.body.id)
    tasks.set(again.body.id, { title, status: 'pending' })
    own.push(again.body.id)
    return
  }
  const known = tasks.get(id) as Known
  if (chance < 0.55) {
    const { status, body } = await ask('GET', `/api/v1/tasks/${id}`)
    expect({ status, title: body.title, is: body.status }).toEqual({
      status: 200,
      title: known.title,
      is: known.status,
    })
  } else if (chance < 0.7) {
    const { status, body } = await ask('GET', '/api/v1/tasks?limit=20')
    expect(status).toBe(200)
    expect(body.items.length).toBeGreaterThan(0)
  } else if (chance < 0.85) {
    const title = randomUUID()
    expect((await ask('PATCH', `/api/v1/tasks/${id}`, { title })).status).toBe(200)
    known.title = title
  } else if (chance < 0.95) {
    expect((await ask('POST', `/api/v1/tasks/${id}/complete`)).status).toBe(200)
    known.status = 'completed'
  } else {
    expectDeleted(await ask('DELETE', `/api/v1/tasks/${id}`))
    tasks.delete(id)
    own.splice(own.indexOf(id), 1)
  }
}

const listed = async (base: string, token: string): Promise<Map<string, Known>> => {
  const all = new Map<string, Known>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body }: Answer = await send(
      base,
      token,
      'GET',
      `/api/v1/tasks?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    for (const { id, title, status } of body.items) {
      expect(all.has(id)).toBe(false)
      all.set(id, { title, status })
    }
    cursor = body.next_cursor
  }
  return all
}

const make = freshDatabases().Postgres
test.skipIf(make === undefined)(
  `${PROCESSES} processes on one Postgres, ${CLIENTS} clients, ${isSmall ? `${STEPS} steps each` : `${SECONDS} s`}`,
  async () => {
    const fresh = await make?.()
    if (!fresh) throw new Error('no server')
    const env = { DATABASE_URL: fresh.url, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' }
    // All at once on the empty database: one of them makes the tables.
    const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startTaskport(env)))
    const bases = processes.map(({ url }) => url)
    const [a, b, c] = bases as [string, string, string]

    // Those who boot at the same moment may each make a key; within ten seconds everybody publishes
    // all of them.
    const published = async () => {
      const sets = await Promise.all(
        bases.map((base) => send(base, '', 'GET', '/.well-known/jwks.json')),
      )
      return new Set(sets.map(({ body }) => JSON.stringify(body))).size
    }
    await until(async () => (await published()) === 1)

    const accounts: Account[] = []
    for (let i = 0; i < USERS; i++) {
      const [email, password] = [`user${i}@example.org`, `user ${i} likes long walks`]
      const { status, body } = await send(pick(bases), '', 'POST', '/api/v1/auth/register', {
        email,
        password,
      })
      expect(status).toBe(201)
      accounts.push({ email, password, token: body.access_token, tasks: new Map() })
    }

    const began = performance.now()
    const steps = Array.from({ length: CLIENTS }, async (_, i) => {
      const own: string[] = []
      let done = 0
      for (; isSmall ? done < STEPS : performance.now() - began < SECONDS * 1000; done++)
        await step(bases, accounts[i % USERS] as Account, own)
      return done
    })
    const total = (await Promise.all(steps)).reduce((sum, n) => sum + n, 0)
    const seconds = (performance.now() - began) / 1000
    const tasks = accounts.reduce((sum, account) => sum + account.tasks.size, 0)
    console.log(
      `replicas: ${total} steps in ${Math.round(seconds)} s (${Math.round(total / seconds)}/s), ${tasks} tasks, ${JSON.stringify(Object.fromEntries([...tally].sort()))}`,
    )
    for (const account of accounts)
      expect(await listed(pick(bases), account.token)).toEqual(account.tasks)

    // A session that is ended at one process ends at all; the account's other session goes on.
    const { email, password, token } = accounts[0] as Account
    const login = await send(a, '', 'POST', '/api/v1/auth/login', { email, password })
    const second: string = login.body.access_token
    for (const base of bases)
      expect((await send(base, second, 'GET', '/api/v1/me')).status).toBe(200)
    const sessions = await send(b, second, 'GET', '/api/v1/auth/sessions')
    const current = (sessions.body.items ?? sessions.body).find((session: Json) => session.current)
    expectDeleted(await send(b, second, 'DELETE', `/api/v1/auth/sessions/${current.id}`))
    const ended = performance.now()
    expect((await send(b, second, 'GET', '/api/v1/me')).status).toBe(401)
    const took: number[] = []
    for (const base of [a, c]) {
      await until(async () => (await send(base, second, 'GET', '/api/v1/me')).status === 401)
      took.push(Math.round(performance.now() - ended))
    }
    console.log(
      `replicas: a session ended at one process was refused at the others after ${took.join(' and ')} ms`,
    )
    if (!isSmall) expect(Math.max(...took)).toBeLessThanOrEqual(REVOKED_MS + 1_000)
    for (const base of bases)
      expect((await send(base, token, 'GET', '/api/v1/me')).status).toBe(200)

    for (const { child, exit } of processes) {
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    }
    await fresh.drop()
  },
)
