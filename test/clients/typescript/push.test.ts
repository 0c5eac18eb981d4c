// What becomes of a change in the queue: it is made once, kept for later, or shown to the user.
import { afterAll, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import {
  type Entry,
  type Following,
  type FollowState,
  follow,
  memoryStore,
  uuidv7,
} from '../../../clients/typescript/src/index.ts'
import { until } from '../../support/size.ts'
import { createWorld, testClock } from '../../support/world.ts'
import { type Network, offline, signedUp } from './support.ts'

const world = await createWorld({ clock: testClock(Date.now()) })
afterAll(() => world.close())

const isWrite = ({ method, url }: Request) => method !== 'GET' && url.includes('/api/v1/tasks')

/** A client whose queue is empty, and which is cut off. */
const cutOff = async () => {
  const client = await signedUp(world)
  const store = memoryStore()
  const states: FollowState[] = []
  let isPatient = true
  const onState = (state: FollowState) => {
    states.push(state)
    if (state.kind === 'waiting' && !isPatient) queueMicrotask(following.wake)
  }
  const following = follow(client.api, store, { onState })
  onTestFinished(() => following.stop())
  const settled = async (count = 0) => {
    await until(
      async () => (await store.entries()).length === count && states.at(-1)?.kind === 'current',
    )
  }
  await settled()
  client.network = offline
  const reconnect = async (network: Network, left = 0) => {
    client.network = network
    isPatient = false
    following.wake()
    await settled(left)
  }
  const tasks = async () => (await client.api.GET('/api/v1/tasks')).data?.items ?? []
  return { client, store, following, states, reconnect, tasks, settled }
}
const online: Network = (request, next) => next(request)

/** Does each change, and loses the first answer of each. */
const losing = (): Network => {
  const lost = new Set<string>()
  return async (request, next) => {
    const what = `${request.method} ${request.url} ${await request.clone().text()}`
    const response = await next(request)
    if (!isWrite(request) || lost.has(what)) return response
    lost.add(what)
    throw new TypeError('fetch failed')
  }
}

/** Does no change at first, and answers this to each. */
const answering = (status: number, body: string, headers = {}): Network => {
  const answered = new Set<string>()
  return async (request, next) => {
    const what = `${request.method} ${request.url} ${await request.clone().text()}`
    if (!isWrite(request) || answered.has(what)) return next(request)
    answered.add(what)
    return new Response(body, { status, headers })
  }
}

/** A task with its parent, a comment, a change, and the completion of a recurring one. */
const fill = async (following: Following, daily: Parameters<Following['complete']>[0]) => {
  const send = (body: { title: string; parent_id?: string }) =>
    following.send('post', '/api/v1/tasks', { body })
  const { thing: roof = '' } = await send({ title: 'Roof' })
  const { thing: tile = '' } = await send({ title: 'Tile', parent_id: roof })
  const at = { params: { path: { id: tile } } }
  await following.send('post', '/api/v1/tasks/{id}/comments', { ...at, body: { text: 'Red' } })
  await following.send('patch', '/api/v1/tasks/{id}', { ...at, body: { priority: 'high' } })
  await following.complete(daily)
  await following.complete(daily)
  await following.send('delete', '/api/v1/tasks/{id}', { params: { path: { id: uuidv7() } } })
}

test.each<[string, () => Network]>([
  ['the network', () => online],
  ['a network that loses each answer once', losing],
  ['a service that is out of reach', () => answering(503, '{"code":"unavailable"}')],
  ['a service that has no room', () => answering(507, '{"code":"storage_full"}')],
  ['a limit', () => answering(429, '{"code":"rate_limited"}', { 'Retry-After': '0' })],
  ['others who change the same', () => answering(409, '{"code":"write_conflict"}')],
  ['a network that wants a sign-in', () => answering(403, '<h1>Wi-Fi</h1>')],
  ['a proxy that knows no service', () => answering(404, '<h1>Not found</h1>')],
])('%s: each change is made once, in its order', async (_, network) => {
  const { client, store, following, states, reconnect, tasks } = await cutOff()
  client.network = online
  const { data: daily } = await client.api.POST('/api/v1/tasks', {
    body: { title: 'Daily', due: { date: '2030-12-01' }, recurrence: { rule: 'FREQ=DAILY' } },
  })
  if (!daily) throw new Error('it was not made')
  client.network = offline
  await fill(following, daily)
  expect(await store.entries()).toHaveLength(7)
  await reconnect(network())
  const made = new Map((await tasks()).map((task) => [task.title, task]))
  expect([...made.keys()].sort()).toEqual(['Daily', 'Roof', 'Tile'])
  expect(await tasks()).toHaveLength(3)
  expect(made.get('Tile')).toMatchObject({
    parent_id: made.get('Roof')?.id,
    priority: 'high',
    comment_count: 1,
  })
  expect(made.get('Daily')?.due).toMatchObject({ date: '2030-12-02' })
  // Each change that goes through makes the next pause short again.
  const waits = states.flatMap((state) => (state.kind === 'waiting' ? [state.ms] : []))
  expect(waits.at(-1)).toBeLessThanOrEqual(500)
})

test('what is refused is kept with the reason, the rest goes on, and it is sent again mended', async () => {
  const { store, following, reconnect, settled, tasks } = await cutOff()
  const taken = (await following.send('post', '/api/v1/tasks', { body: { title: 'First' } })).thing
  const refused = [
    await following.send('post', '/api/v1/tasks', { body: { title: '' } }),
    await following.send('post', '/api/v1/tasks', { body: { id: taken, title: 'Other' } as never }),
    await following.send('patch', '/api/v1/tasks/{id}', {
      params: { path: { id: uuidv7() } },
      body: { title: 'Nowhere' },
    }),
  ]
  await following.send('post', '/api/v1/tasks', { body: { title: 'Last' } })
  await reconnect(online, 3)
  expect((await tasks()).map(({ title }) => title).sort()).toEqual(['First', 'Last'])
  const entries = await store.entries()
  expect(entries.map(({ id }) => id)).toEqual(refused.map(({ id }) => id))
  expect(entries.map(({ refusal }) => refusal)).toMatchObject([
    { status: 422, body: { code: 'invalid' } },
    { status: 409, body: { code: 'id_taken' } },
    { status: 404, body: { code: 'not_found' } },
  ])
  const [blank] = entries as [Entry]
  await following.retry({ ...blank, body: { ...(blank.body as object), title: 'Mended' } })
  await settled(2)
  expect((await tasks()).map(({ title }) => title)).toContain('Mended')
})

test('a queue of an earlier run is sent, and something new has its id before', async () => {
  const { client, store, following, tasks } = await cutOff()
  const {
    thing = '',
    path,
    method,
    refusal,
  } = await following.send('post', '/api/v1/projects', {
    body: { name: 'House' },
  })
  expect({ path, method, refusal }).toEqual({
    path: '/api/v1/projects',
    method: 'post',
    refusal: undefined,
  })
  await following.send('post', '/api/v1/tasks', { body: { title: 'Roof', project_id: thing } })
  await following.stop()
  client.network = online
  const next = follow(client.api, store)
  onTestFinished(() => next.stop())
  await until(async () => (await store.entries()).length === 0)
  expect(await tasks()).toMatchObject([{ title: 'Roof', project_id: thing }])
})

test('a change is held against the document where it is compiled', () => {
  const send = null as unknown as Following['send']
  const sends = () => [
    send('post', '/api/v1/labels', { body: { name: 'home' } }),
    send('delete', '/api/v1/trash', {}),
    // @ts-expect-error there is no such path
    send('post', '/api/v1/lists', { body: {} }),
    // @ts-expect-error nothing is deleted there
    send('delete', '/api/v1/tasks', {}),
    // @ts-expect-error a task has a title
    send('post', '/api/v1/tasks', { body: { name: 'Roof' } }),
    // @ts-expect-error the path has an id
    send('patch', '/api/v1/tasks/{id}', { body: { title: 'Roof' } }),
  ]
  expectTypeOf(sends).returns.toEqualTypeOf<Promise<Entry>[]>()
})
