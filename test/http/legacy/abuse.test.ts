// What a hostile or a careless client of the family sends: floods of sign-ins over several paths,
// forms in odd encodings, more than a task can keep, and numbers that are too large.
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { accountRoutes } from '../../../src/http/legacy/accounts.ts'
import { accountPrefixes } from '../../../src/http/legacy/endpoints.ts'
import { createSignIns, from } from '../../support/sign-ins.ts'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const password = 'a heron on the pier'
const ann = await world.register('Ann')

test('wrong sign-ins count together, whichever path and form they come by', async () => {
  const { world: limited, ada, close } = await createSignIns()
  onTestFinished(close)
  const names = accountRoutes.find(({ id }) => id === 'original.login')?.names ?? []
  const paths = [
    '/api/v1/auth/login',
    ...accountPrefixes.flatMap((p) => names.map((n) => `${p}/${n}`)),
  ]
  expect(paths.length).toBe(9)
  const elsewhere = from('198.51.100.7')
  const byJson = (path: string, email: string) =>
    limited.anonymous.post(path, { email, password: 'a guess' }, elsewhere)
  const byForm = (path: string, username: string) =>
    limited.fetch(path, {
      method: 'POST',
      headers: elsewhere,
      body: new URLSearchParams({ username, password: 'a guess' }),
    })
  const statuses: number[] = []
  for (let i = 0; i < 13; i++) {
    const path = paths[i % paths.length] as string
    const email = i % 3 === 0 ? ada.email.toUpperCase() : ada.email
    const isForm = i % 2 === 1 && !path.includes('/v1/')
    statuses.push((await (isForm ? byForm : byJson)(path, email)).status)
  }
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429, 429])
  const refused = await byJson('/auth/sign-in', ada.email)
  expect(refused.body).toMatchObject({ code: 'rate_limited', detail: refused.body.message })
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  const atHome = from('203.0.113.200')
  const owner = await limited.anonymous.post('/auth/login', ada, atHome)
  expect(owner.status, 'the owner, from home').toBe(200)
})

test('registrations count together, too', async () => {
  const { world: limited, close } = await createSignIns()
  onTestFinished(close)
  const elsewhere = from('198.51.100.7')
  const register = (i: number) => {
    const path = ['/api/v1/auth/register', '/api/auth/signup', '/auth/sign-up'][i % 3] as string
    return limited.anonymous.post(path, { email: `new${i}@example.org`, password }, elsewhere)
  }
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) statuses.push((await register(i)).status)
  const taken = statuses.filter((status) => status === 201).length
  expect(statuses).toEqual([...Array(taken).fill(201), ...Array(12 - taken).fill(429)])
  expect(taken).toBe(10)
})

describe('a form', () => {
  const FORM = 'application/x-www-form-urlencoded'
  const send = async (body: string | Uint8Array, type = FORM, path = '/api/auth/login') => {
    const response = await world.fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: body as string,
    })
    const text = await response.text()
    return { status: response.status, body: JSON.parse(text) }
  }
  const encoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

  test('means what it says: plus, per cent, repeated and unknown fields, and its charset', async () => {
    const odd = { email: 'odd+tag@example.org', password: '100% + 1 = ü & more' }
    expect((await world.anonymous.post('/auth/register', odd)).status).toBe(201)
    const right = encoded({ username: odd.email, password: odd.password })
    const bytes = new TextEncoder().encode(
      'username=odd%2Btag@example.org&password=100%+%2b+1+=+ü+%26+more',
    )
    for (const [form, type] of [
      [right, FORM],
      [right, `${FORM}; charset=utf-8`],
      [right, `${FORM};charset="UTF-8"`],
      [right, FORM.toUpperCase()],
      [bytes, FORM],
      [`grant_type=password&scope=&client_id=x&${right}`, FORM],
      [`username=other@example.org&password=wrong&${right}`, FORM],
      [`&&${right}&=`, FORM],
    ] as const) {
      const { status, body } = await send(form, type)
      expect([status, body.user?.email], String(form)).toEqual([200, odd.email])
    }
    for (const form of [
      `${right}&password=wrong`,
      encoded({ username: odd.email, password: odd.password.replace('+', ' ') }),
    ])
      expect((await send(form)).status, form).toBe(401)
  })

  test('in another encoding or of another kind is refused with a plain word', async () => {
    const latin = { email: 'latin@example.org', password: 'un caf\ufffd au lait' }
    expect((await world.anonymous.post('/auth/register', latin)).status).toBe(201)
    const username = 'username=latin@example.org&password='
    const answers = [
      // The bytes of another encoding all read as U+FFFD, which is a character of the password.
      [400, await send(`${username}un+caf%E9+au+lait`)],
      [400, await send(`${username}un+caf%ea+au+lait`)],
      [400, await send(`${username}%C3`)],
      [400, await send(`${username}%ed%a0%80`)],
      [400, await send(`user%ffname=x&${username}x`)],
      [400, await send(new Uint8Array([...Buffer.from(username), 0xe9]))],
      [422, await send('')],
      [422, await send(username)],
      [422, await send(`${username}%00%00%00%00%00%00%00%00`)],
      [415, await send(username, `${FORM}; charset=iso-8859-1`)],
      [415, await send('{}', 'text/plain')],
      [415, await send('--x--', 'multipart/form-data; boundary=x')],
      [400, await send(`${username}x`, 'application/json')],
      [413, await send(`${username}${'x'.repeat(20_000)}`)],
    ] as const
    for (const [at, [status, { status: found, body }]] of answers.entries()) {
      expect([found, body.detail], String(at)).toEqual([status, expect.stringMatching(/\w{3}/)])
      expect(body.error).toBe(body.detail)
    }
    const right = encoded({ username: latin.email, password: latin.password })
    expect((await send(right)).status, 'the character itself').toBe(200)
  })

  test('is no task', async () => {
    const answer = await ann.send('POST', '/api/tasks', 'title=T', { 'Content-Type': FORM })
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  })
})

describe('what a task keeps', () => {
  const others = {
    category: 'c',
    recurrence: { every: 2 },
    recurring: true,
    is_recurring: false,
    recurrence_pattern: 'weekly',
    recurrence_rule: 'FREQ=WEEKLY',
    recurrence_type: 'weekly',
    recurrence_interval: 1,
    recurrence_end_date: '2027-01-01',
    reminder: true,
    reminders: [1, 2],
    reminder_at: '09:00',
    remind_at: '09:00',
    reminder_time: '09:00',
    reminder_date: '2026-12-01',
    reminder_minutes: 15,
    reminder_enabled: true,
    has_reminder: true,
    due_time: '10:00',
  }

  test('is each of its fields, also when a client puts the whole task back', async () => {
    const { status, body } = await ann.post('/api/tasks', { title: 'T', ...others })
    expect([status, body]).toEqual([201, expect.objectContaining(others)])
    const path = `/api/tasks/${body.id}`
    const turned = Object.fromEntries(
      Object.entries(others).map(([name, was]) => [name, typeof was === 'string' ? [was] : 'text']),
    )
    for (const fields of [body, { ...body, ...turned }, others]) {
      const answer = await ann.put(path, fields)
      expect([answer.status, answer.body.detail]).toEqual([200, undefined])
    }
    expect((await ann.get(path)).body).toMatchObject(others)
    const emptied = Object.fromEntries(Object.keys(others).map((name) => [name, null]))
    expect((await ann.patch(path, emptied)).status).toBe(200)
    expect((await ann.get(`/api/v1${path.slice(4)}`)).body.extra).toEqual({})
  })

  test('is filled by both contracts at once, up to what it holds, and nothing is lost', async () => {
    const { body } = await ann.post('/api/v1/tasks', { title: 'T' })
    const [v1, original] = [`/api/v1/tasks/${body.id}`, `/api/tasks/${body.id}`]
    const texts = Object.entries(others)
      .filter(([, value]) => typeof value === 'string')
      .slice(0, 8)
    const answers = await Promise.all([
      ...Array.from({ length: 12 }, (_, i) => ann.patch(v1, { extra: { [`mine${i}`]: 'x' } })),
      ...texts.map(([name, value]) => ann.put(original, { [name]: value })),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(Object.keys((await ann.get(v1)).body.extra)).toHaveLength(20)
    expect((await ann.get(original)).body).toMatchObject(Object.fromEntries(texts))
    const one = await ann.put(original, { title: 'U', has_reminder: true })
    expect([one.status, one.body.detail]).toEqual([400, expect.stringMatching(/20 texts/)])
    const other = await ann.patch(v1, { extra: { more: 'x' } })
    expect(other.status).toBe(422)
    const replaced = await ann.put(original, { title: 'V', category: 'another' })
    expect([replaced.status, replaced.body.title]).toEqual([200, 'V'])
    const long = await ann.put(original, { category: 'x'.repeat(5_000) })
    expect([long.status, long.body.detail]).toEqual([400, expect.stringMatching(/4096 bytes/)])
    expect((await ann.get(original)).body).toMatchObject({ title: 'V', category: 'another' })
  })
})

test('numbers as large as they may be find nothing, and larger ones are refused', async () => {
  const bea = await world.register('Bea')
  for (const title of ['a', 'b']) await bea.post('/api/tasks', { title })
  for (const query of [
    'offset=1000000000',
    'skip=1000000000&limit=1',
    'page=1000000000',
    'page=1000000000&limit=1000000000',
  ]) {
    expect((await bea.get(`/api/tasks?${query}`)).body, query).toEqual([])
    expect((await bea.get(`/api/tasks?${query}&envelope=tasks`)).body, query).toMatchObject({
      tasks: [],
      total: 2,
      count: 0,
    })
  }
  expect((await bea.get('/api/tasks?limit=1000000000')).body).toHaveLength(2)
  for (const query of ['offset=1000000001', 'limit=99999999999', 'page=1e9', 'offset=0x10']) {
    const { status, body } = await bea.get(`/api/tasks?${query}`)
    expect([status, body.detail]).toEqual([400, expect.stringContaining('1000000000')])
  }
})
