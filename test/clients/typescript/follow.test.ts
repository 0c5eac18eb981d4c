// A copy that `follow` keeps is what the lists say, whatever is written, lost and cut off.
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { pick, randomOf } from '../../../bench/data/random.ts'
import {
  type Following,
  type FollowState,
  follow,
  type MemoryStore,
  memoryStore,
  type Page,
  type Store,
} from '../../../clients/typescript/src/index.ts'
import { seedFrom, until } from '../../support/size.ts'
import { listed } from '../../support/sync/copy.ts'
import { createWriter } from '../../support/sync/random-writes.ts'
import { createWorld, testClock, type User } from '../../support/world.ts'
import { clientOf, type Network, offline, type TestClient } from './support.ts'

const world = await createWorld({ clock: testClock(Date.now()) })
afterAll(() => world.close())

const online: Network = (request, next) => next(request)

type Followed = {
  readonly user: User
  readonly client: TestClient
  readonly store: MemoryStore
  readonly following: Following
  readonly states: FollowState[]
  readonly pages: Page[]
  /** Waits until the copy is what the lists say, and nothing waits to be sent. */
  equal(): Promise<void>
}

const followed = async (user: User, over: Partial<Store> = {}): Promise<Followed> => {
  const client = clientOf(world)
  await client.enter({ access_token: user.token, refresh_token: user.refreshToken })
  const store = memoryStore()
  const [states, pages]: [FollowState[], Page[]] = [[], []]
  const apply = (page: Page) => {
    pages.push(page)
    return store.apply(page)
  }
  const following = follow(
    client.api,
    { ...store, apply, ...over },
    { onState: (state) => states.push(state) },
  )
  onTestFinished(() => following.stop())
  const isDone = () =>
    states.at(-1)?.kind === 'current' && (store.entries() as unknown[]).length === 0
  // Asked anew each time: an import may go on behind its answer.
  const isEqual = async () =>
    JSON.stringify(await listed(user)) === JSON.stringify(contentOf(store))
  const equal = () => until(async () => isDone() && (await isEqual()))
  return { user, client, store, following, states, pages, equal }
}

const sorted = <T extends { readonly id: string }>(all: ReadonlyMap<string, T>) =>
  [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
const contentOf = ({ user, projects, tasks, labels, comments, reminders }: MemoryStore) => ({
  user,
  projects: sorted(projects),
  tasks: sorted(tasks),
  labels: sorted(labels),
  comments: sorted(comments),
  reminders: sorted(reminders),
})

let people = 0
const someone = () => world.register(`Follower-${people++}`)

test('it begins with all there is, in several pages, and is told of what comes', async () => {
  const user = await someone()
  const create = (i: number) => ({ operation: 'createTask', params: { body: { title: `t${i}` } } })
  for (const count of [500, 20]) {
    const operations = Array.from({ length: count }, (_, i) => create(i))
    expect((await user.post('/api/v1/batch', { operations })).status).toBe(200)
  }
  const { client, store, pages, equal } = await followed(user)
  await equal()
  expect(store.tasks.size).toBe(520)
  const beginnings = pages.map(({ begins }) => begins)
  expect(beginnings.filter((begins) => begins)).toHaveLength(1)
  expect(beginnings[0]).toBe(true)
  expect(pages.length).toBeGreaterThan(1)
  await user.post('/api/v1/tasks', { title: 'told' })
  await equal()
  expect(store.tasks.size).toBe(521)
  expect(client.asked.filter((one) => one === 'GET /api/v1/events')).toHaveLength(1)
})

test('a token that is not taken any more: the copy begins anew, and the queue stays', async () => {
  const user = await someone()
  const one = await followed(user)
  await one.equal()
  one.client.network = offline
  one.following.wake()
  await until(() => one.states.at(-1)?.kind === 'waiting')
  const { thing } = await one.following.send('post', '/api/v1/tasks', { body: { title: 'Roof' } })
  const ghost = { ...one.store.projects.values().next().value, id: 'ghost' } as never
  one.store.projects.set('ghost', ghost)
  let isOld = true
  one.client.network = async (request, next) => {
    if (!isOld || !request.url.includes('since=')) return next(request)
    isOld = false
    return new Response('{"code":"sync_token_expired"}', { status: 410 })
  }
  one.following.wake()
  await until(() => one.pages.filter(({ begins }) => begins).length === 2)
  await one.equal()
  expect(one.store.projects.has('ghost')).toBe(false)
  expect(one.store.tasks.get(thing ?? '')).toMatchObject({ title: 'Roof' })
})

test('random changes here and elsewhere, with a network that comes and goes', async () => {
  const random = randomOf(seedFrom('FOLLOW_SEED'))
  const user = await someone()
  const one = await followed(user)
  const writer = createWriter(random)
  const own: string[] = []
  const change = async () => {
    const id = pick(random, own)
    const at = { params: { path: { id } } }
    const chance = random()
    if (chance < 0.4 || id === undefined) {
      const body = { title: `own ${own.length}`, ...(id && chance < 0.1 && { parent_id: id }) }
      const { thing } = await one.following.send('post', '/api/v1/tasks', { body })
      own.push(thing as string)
    } else if (chance < 0.6)
      await one.following.send('patch', '/api/v1/tasks/{id}', { ...at, body: { priority: 'high' } })
    else if (chance < 0.75)
      await one.following.send('post', '/api/v1/tasks/{id}/comments', {
        ...at,
        body: { text: 'x' },
      })
    else if (chance < 0.9) await one.following.complete({ id, occurrence: null })
    else await one.following.send('delete', '/api/v1/tasks/{id}', at)
  }
  // Some requests do not arrive, and of some the answer is lost.
  const bad: Network = async (request, next) => {
    if (request.url.includes('/events') || random() > 0.3) return next(request)
    if (random() < 0.5) await next(request)
    throw new TypeError('fetch failed')
  }
  for (let round = 0; round < 6; round++) {
    one.client.network = pick(random, [online, bad, bad, offline])
    for (let i = 0; i < 8; i++) {
      await writer.write(user, user.id)
      await change()
    }
    one.following.wake()
  }
  one.client.network = online
  one.following.wake()
  const isSent = async () => (await one.store.entries()).every(({ refusal }) => refusal)
  await until(isSent)
  // What others deleted for good, or put into the trash, could not be changed.
  for (const { id, refusal } of await one.store.entries()) {
    expect([404, 409, 422]).toContain(refusal?.status)
    await one.store.remove(id)
  }
  one.following.wake()
  await one.equal()
  const titles = [...one.store.tasks.values()].map(({ title }) => title)
  const made = titles.filter((title) => title.startsWith('own '))
  expect(new Set(made).size, 'each is made once').toBe(made.length)
  expect(made.length).toBeGreaterThan(5)
})

test('a store that cannot write is asked again, with the same page', async () => {
  let failures = 0
  const one = await followed(await someone(), {
    token: () => {
      if (failures++ < 1) throw new Error('the disk is full')
      return undefined
    },
  })
  await until(() => one.states.some(({ kind }) => kind === 'current'))
  const waiting = one.states.find((state) => state.kind === 'waiting')
  expect(waiting).toMatchObject({ error: new Error('the disk is full') })
  expect(one.pages[0]?.begins).toBe(true)
})

test('it ends where the session does, with the queue as it is', async () => {
  const one = await followed(await someone())
  await one.equal()
  one.client.network = offline
  await one.following.send('post', '/api/v1/tasks', { body: { title: 'Later' } })
  await until(() => one.states.at(-1)?.kind === 'waiting')
  await one.user.post('/api/v1/auth/logout')
  one.client.network = online
  one.following.wake()
  expect(await one.following.done).toEqual({ kind: 'signed_out' })
  expect(one.states.at(-1)).toEqual({ kind: 'signed_out' })
  expect(one.client.signedOut).toBe(1)
  expect(await one.store.entries()).toMatchObject([{ refusal: undefined }])
})

test('a key that may not read all data ends it, with the reason', async () => {
  const user = await someone()
  const key = { name: 'Phone', scopes: ['tasks:read'] }
  const { body } = await user.post('/api/v1/api-keys', key)
  const { api, enter } = clientOf(world)
  await enter({ access_token: body.key, refresh_token: '' })
  const ending = await follow(api, memoryStore()).done
  expect(ending).toMatchObject({ kind: 'refused', error: { status: 403, name: 'TaskportError' } })
})

test('behind stop nothing is written, and nothing is asked', async () => {
  const one = await followed(await someone())
  await one.equal()
  await one.following.stop()
  expect(await one.following.done).toEqual({ kind: 'stopped' })
  const { length } = one.client.asked
  await one.user.post('/api/v1/tasks', { title: 'unheard' })
  await one.following.send('post', '/api/v1/tasks', { body: { title: 'kept' } })
  one.following.wake()
  expect(one.store.tasks.size).toBe(0)
  expect(one.client.asked).toHaveLength(length)
  expect(await one.store.entries()).toHaveLength(1)
})
