// Streams that say when something has changed.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { noBroadcast } from '../../../src/core/broadcast.ts'
import { openEvents } from '../../../src/features/sync/events.ts'
import { createStreams } from '../../../src/features/sync/index.ts'
import { streamOf } from '../../support/sync/stream.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterEach(async () => {
  world.deps.grown?.end()
  vi.useRealTimers()
  await world.close()
})

const open = async ({ headers }: Pick<User, 'headers'>) =>
  streamOf(await world.open('/api/v1/events', { headers }))
const present = async () => (await ann.get('/api/v1/changes')).body.token
const make = () => ann.post('/api/v1/tasks', { title: 'Sweep' })

test('the first event is the present token, and each change brings another one', async () => {
  const events = await open(ann)
  expect(events.response.status).toBe(200)
  expect(events.response.headers.get('Content-Type')).toBe('text/event-stream')
  expect(events.response.headers.get('Cache-Control')).toContain('no-transform')
  const token = await events.token()
  expect(token).toBe(await present())
  await make()
  const next = await events.token()
  expect(next).not.toBe(token)
  expect(next).toBe(await present())
})

test('all streams of a user are told, and none of another user', async () => {
  const bob = await world.register('Bob')
  const [one, two, other] = [await open(ann), await open(ann), await open(bob)]
  const all = [await one.token(), await two.token()]
  await other.token()
  await make()
  expect(await one.token()).toBe(await two.token())
  expect(all[0]).toBe(all[1])
  let heard = false
  const pending = other.next().then((text) => {
    heard = text !== undefined
  })
  await make()
  await one.token()
  expect(heard).toBe(false)
  world.deps.grown?.end()
  await pending
  expect(heard).toBe(false)
})

test('changes that come one after the other are told together', async () => {
  const events = await open(ann)
  await events.token()
  for (let i = 0; i < 20; i++) await make()
  const last = await present()
  expect(await events.until(last)).toBeLessThan(20)
})

test('a change of the user, and of a label, is told, too', async () => {
  const events = await open(ann)
  await events.token()
  await ann.patch('/api/v1/me', { name: 'Anna' })
  expect(await events.token()).toBe(await present())
  await ann.post('/api/v1/labels', { name: 'home' })
  expect(await events.token()).toBe(await present())
})

test('a user has ten at a time; one that was given up makes room', async () => {
  const all = []
  for (let i = 0; i < 10; i++) all.push(await open(ann))
  const refused = await ann.get('/api/v1/events')
  expect([refused.status, refused.body.code]).toEqual([403, 'quota_exceeded'])
  await all[0]?.cancel()
  expect((await ann.get('/api/v1/events')).status).toBe(200)
})

test('HEAD opens none', async () => {
  for (let i = 0; i < 12; i++) expect((await ann.send('HEAD', '/api/v1/events')).status).toBe(200)
})

test('it takes a key with the scope data:read', async () => {
  const keyOf = async (scope: string) =>
    world.client((await ann.post('/api/v1/api-keys', { name: scope, scopes: [scope] })).body.key)
  expect((await (await keyOf('tasks:read')).get('/api/v1/events')).status).toBe(403)
  expect((await (await keyOf('data:read')).get('/api/v1/events')).status).toBe(200)
})

test('it is kept open, and ends with its credential, or with the process', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const scopes = ['data:read']
  const { body: key } = await ann.post('/api/v1/api-keys', { name: 'x', scopes })
  const [byKey, bySession] = [await open(world.client(key.key)), await open(ann)]
  await byKey.token()
  await bySession.token()
  vi.advanceTimersByTime(25_000)
  expect(await byKey.next()).toMatch(/^: /)
  expect(await bySession.next()).toMatch(/^: /)
  await ann.delete(`/api/v1/api-keys/${key.id}`)
  vi.advanceTimersByTime(10_000)
  expect(await byKey.next()).toBe(undefined)
  world.deps.grown?.end()
  expect(await bySession.next()).toBe(undefined)
})

/** Another process, on the same database. */
const context = () => ({
  ...world.deps,
  quotas: world.deps.config.quotas,
  actor: { kind: 'system', userId: ann.id, subject: ann.id } as const,
})
const still = async () => true
const tokenIn = (text: string) => JSON.parse(text.slice(text.indexOf('{'))).token

test('what another replica has written is seen in the database', async () => {
  const other = createStreams({ ...world.deps, broadcast: noBroadcast(), replicas: true })
  const events = other.open(context(), still)
  expect(tokenIn((await events.next()).value)).toBe(await present())
  await make()
  expect(tokenIn((await events.next()).value)).toBe(await present())
  other.end()
  expect((await events.next()).done).toBe(true)
})

test('what another process of the service has written is told by it', async () => {
  const listeners: ((readers: readonly string[]) => void)[] = []
  const grown = {
    tell: async (readers: readonly string[]) => {
      for (const listener of listeners) listener(readers)
    },
    hear: (listener: (readers: readonly string[]) => void) => void listeners.push(listener),
  }
  const parts = { ...world.deps, broadcast: { grown }, replicas: false }
  const [writing, reading] = [createStreams(parts), createStreams(parts)]
  const events = reading.open(context(), still)
  await events.next()
  await make()
  writing.note([ann.id])
  expect(tokenIn((await events.next()).value)).toBe(await present())
  reading.end()
})

test('a runtime that can keep no stream says how often to ask', async () => {
  const { grown: _none, ...without } = context()
  const refused = await openEvents({ ...without, still }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'no_streams', retryAfter: 30 })
})
