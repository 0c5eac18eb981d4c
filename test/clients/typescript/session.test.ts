// Tokens that refresh themselves: once for many callers and tabs, and never at the price of the
// session.
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { memoryTokens, webTokens } from '../../../clients/typescript/src/index.ts'
import { createWorld } from '../../support/world.ts'
import { clientOf, type Network, offline, signedUp } from './support.ts'

const world = await createWorld()
afterAll(() => world.close())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const REFRESH = 'POST /api/v1/auth/refresh'
const isRefresh = (request: Request) => request.url.endsWith('/auth/refresh')
const held = async (client: { tokens: ReturnType<typeof memoryTokens> }) => {
  const tokens = await client.tokens.read()
  if (!tokens) throw new Error('there are no tokens')
  return tokens
}
const expire = async (client: { tokens: ReturnType<typeof memoryTokens> }) =>
  client.tokens.write({ ...(await held(client)), access_token: 'expired' })
const me = '/api/v1/me'

test('many callers wait for one refresh, and their requests are sent again with their bodies', async () => {
  const client = await signedUp(world)
  await expire(client)
  const titles = Array.from({ length: 20 }, (_, i) => `Task ${i}`)
  const made = await Promise.all(
    titles.map((title) => client.api.POST('/api/v1/tasks', { body: { title } })),
  )
  expect(made.map(({ data }) => data?.title)).toEqual(titles)
  expect(client.asked.filter((one) => one === REFRESH)).toHaveLength(1)
  expect((await held(client)).access_token).not.toBe('expired')
})

test('a request that came late finds the tokens of the refresh before it', async () => {
  const client = await signedUp(world)
  await expire(client)
  let answer: (() => void) | undefined
  const late = new Promise<void>((resolve) => {
    answer = resolve
  })
  let isFirst = true
  client.network = async (request, next) => {
    const response = await next(request)
    if (isFirst) {
      isFirst = false
      await late
    }
    return response
  }
  const slow = client.api.GET(me)
  expect((await client.api.GET(me)).response.status).toBe(200)
  answer?.()
  expect((await slow).response.status).toBe(200)
  expect(client.asked.filter((one) => one === REFRESH)).toHaveLength(1)
})

/** Web Locks of one browser. */
const stubLocks = () => {
  let last: Promise<unknown> = Promise.resolve()
  const names: string[] = []
  const request = (name: string, run: () => Promise<unknown>) => {
    names.push(name)
    const turn = last.then(run)
    last = turn.catch(() => {})
    return turn
  }
  vi.stubGlobal('navigator', { locks: { request } })
  return names
}

test('tabs with one storage refresh once, where there are Web Locks', async () => {
  const names = stubLocks()
  const first = await signedUp(world)
  const second = clientOf(world, first.tokens)
  await expire(first)
  const answers = await Promise.all([first.api.GET(me), second.api.GET(me)])
  expect(answers.map(({ response }) => response.status)).toEqual([200, 200])
  expect([...first.asked, ...second.asked].filter((one) => one === REFRESH)).toHaveLength(1)
  expect(names).toEqual(Array(2).fill('taskport-tokens http://localhost'))
})

test('a refresh whose answer is lost is sent again, and the user stays signed in', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const client = await signedUp(world)
  await expire(client)
  let lost = 0
  const losing: Network = async (request, next) => {
    const response = await next(request)
    if (!isRefresh(request) || lost++ > 0) return response
    throw new TypeError('fetch failed')
  }
  client.network = losing
  const answer = client.api.GET(me)
  await vi.waitUntil(() => lost === 1)
  await vi.advanceTimersByTimeAsync(500)
  expect((await answer).response.status).toBe(200)
  expect(client.signedOut).toBe(0)
  // The session goes on.
  await expire(client)
  expect((await client.api.GET(me)).response.status).toBe(200)
})

test('without a network the user stays signed in, and the request fails as the network does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const client = await signedUp(world)
  await expire(client)
  let attempts = 0
  client.network = (request, next) => {
    if (!isRefresh(request)) return next(request)
    attempts++
    return offline(request, next)
  }
  const failed = expect(client.api.GET(me)).rejects.toThrow('fetch failed')
  for (const [i, pause] of [250, 750].entries()) {
    await vi.waitUntil(() => attempts === i + 1)
    await vi.advanceTimersByTimeAsync(pause)
  }
  await failed
  expect(attempts).toBe(3)
  expect(client.signedOut).toBe(0)
  client.network = (request, next) => next(request)
  expect((await client.api.GET(me)).response.status).toBe(200)
})

const answerOf = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers })

test('a refresh that the service cannot do now is answered as that to each caller', async () => {
  const client = await signedUp(world)
  await expire(client)
  client.network = async (request, next) =>
    isRefresh(request)
      ? answerOf(503, { code: 'unavailable' }, { 'Retry-After': '7' })
      : next(request)
  const answers = await Promise.all([client.api.GET(me), client.api.GET(me)])
  for (const { response, error } of answers) {
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('7')
    expect(error).toMatchObject({ code: 'unavailable' })
  }
  expect(client.signedOut).toBe(0)
  client.network = (request, next) => next(request)
  expect((await client.api.GET(me)).response.status).toBe(200)
})

test('what a proxy answers in place of the service signs no user out', async () => {
  const client = await signedUp(world)
  await expire(client)
  client.network = async (request, next) =>
    isRefresh(request)
      ? new Response('<h1>Log in to the Wi-Fi</h1>', { status: 401 })
      : next(request)
  expect((await client.api.GET(me)).response.status).toBe(401)
  expect(client.signedOut).toBe(0)
  client.network = (request, next) => next(request)
  expect((await client.api.GET(me)).response.status).toBe(200)
})

test('a session that has ended is forgotten, and said to be over once', async () => {
  const client = await signedUp(world)
  const other = clientOf(world, client.tokens)
  await other.leave()
  expect(await client.tokens.read()).toBeUndefined()
  const again = await signedUp(world)
  await again.api.POST('/api/v1/auth/logout')
  const answers = await Promise.all([again.api.GET(me), again.api.GET(me)])
  expect(answers.map(({ response }) => response.status)).toEqual([401, 401])
  expect(again.signedOut).toBe(1)
  expect(await again.tokens.read()).toBeUndefined()
})

test('a user who signs in while the session before is refreshed stays signed in', async () => {
  const client = await signedUp(world)
  const next = await held(await signedUp(world))
  await expire(client)
  client.network = async (request, forward) => {
    const response = await forward(request)
    if (isRefresh(request)) await client.enter(next)
    return response
  }
  await client.api.GET(me)
  expect(await client.tokens.read()).toEqual(next)
})

test('a wrong password refreshes nothing and is sent once', async () => {
  const client = await signedUp(world)
  const email = (await client.api.GET(me)).data?.email ?? ''
  const { error } = await client.api.POST('/api/v1/auth/login', {
    body: { email, password: 'not this one' },
  })
  expect(error).toMatchObject({ code: 'invalid_credentials' })
  expect(client.asked.filter((one) => one === 'POST /api/v1/auth/login')).toHaveLength(1)
  expect(client.asked).not.toContain(REFRESH)
})

test('leaving ends the session at the service, and without a network here alone', async () => {
  const client = await signedUp(world)
  const copy = memoryTokens()
  await copy.write(await held(client))
  await client.leave()
  expect((await clientOf(world, copy).api.GET(me)).response.status).toBe(401)
  const far = await signedUp(world)
  far.network = offline
  await far.leave()
  expect(await far.tokens.read()).toBeUndefined()
})

test('tokens in the storage of a page are there again after a reload', async () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const client = await signedUp(world, webTokens(storage))
  const reloaded = clientOf(world, webTokens(storage))
  expect((await reloaded.api.GET(me)).response.status).toBe(200)
  expect([...kept.keys()]).toEqual(['taskport-tokens'])
  expect(JSON.parse(kept.get('taskport-tokens') ?? '')).toEqual(await held(client))
  await reloaded.leave()
  expect(kept.size).toBe(0)
})
