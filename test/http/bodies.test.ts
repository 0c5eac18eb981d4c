// Memory and time for the bodies of requests: what is unfinished is bounded, and refused before it
// is read.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createBodyBudget } from '../../src/http/body-budget.ts'
import { parseJson } from '../../src/http/json.ts'
import { hostileBodies } from '../support/hostile-bodies.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const MIB = 2 ** 20
const KIB = 2 ** 10

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld({
    env: { BODY_MEMORY: '16', BODY_MEMORY_PER_ADDRESS: '3', BODY_MEMORY_PER_USER: '2' },
  })
  ann = await world.register('Ann')
})
afterEach(() => world.close())

type Upload = {
  readonly answer: Promise<Response>
  /** Has the service asked for any of it? */
  readonly read: () => boolean
  readonly send: (text: string) => void
  readonly end: () => void
  readonly abort: () => void
}
/** A request whose body arrives as the test has it. `declared` is its Content-Length. */
const upload = (
  user: Pick<User, 'headers'>,
  declared: number | undefined,
  path = '/api/v1/tasks',
): Upload => {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined
  let read = false
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        stream = controller
      },
      pull: () => {
        read = true
      },
    },
    { highWaterMark: 0 },
  )
  const headers = {
    ...user.headers,
    'Content-Type': 'application/json',
    ...(declared !== undefined && { 'Content-Length': String(declared) }),
  }
  return {
    answer: world.fetch(path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
    read: () => read,
    send: (text) => stream?.enqueue(new TextEncoder().encode(text)),
    end: () => stream?.close(),
    abort: () => stream?.error(new Error('gone')),
  }
}
const begun = (...uploads: Upload[]) =>
  vi.waitUntil(() => uploads.every(({ read }) => read()), { timeout: 60_000, interval: 1 })
const refusal = async ({ answer, read }: Upload) => {
  const response = await answer
  const { code } = (await response.json()) as { code: string }
  return { status: response.status, code, wait: response.headers.get('Retry-After'), read: read() }
}
const tooMuch = { status: 429, code: 'rate_limited', wait: '2', read: false }
const TASK = '{"title":"x"}'
const titles = async (user: User) =>
  (await user.get('/api/v1/tasks')).body.items.map(({ title }: { title: string }) => title)

describe('bytes of bodies that are on their way', () => {
  test('are bounded for a user; above that nothing is read; what was refused is taken when there is room', async () => {
    expect((await ann.post('/api/v1/tasks', TASK.padEnd(MIB))).status).toBe(201)
    const first = [upload(ann, MIB), upload(ann, MIB)]
    await begun(...first)
    expect(await refusal(upload(ann, MIB))).toEqual(tooMuch)
    expect(await refusal(upload(ann, 1))).toEqual(tooMuch)
    expect((await ann.get('/api/v1/tasks')).status).toBe(200)
    first[0]?.send(TASK.padEnd(MIB))
    first[0]?.end()
    expect((await first[0]?.answer)?.status).toBe(201)
    expect((await ann.post('/api/v1/tasks', TASK)).status).toBe(201)
    first[1]?.abort()
    expect((await first[1]?.answer)?.status).toBe(400)
    expect(world.deps.bodies.reserved()).toBe(0)
    expect(await titles(ann)).toEqual(['x', 'x', 'x'])
  })

  test('are bounded for an address, whoever sends them and without a credential too', async () => {
    const bob = await world.register('Bob')
    const eve = await world.register('Eve')
    const uploads = [upload(ann, MIB), upload(bob, MIB), upload(bob, MIB)]
    await begun(...uploads)
    expect(await refusal(upload(eve, MIB))).toEqual(tooMuch)
    expect(await refusal(upload({ headers: {} }, 100, '/api/v1/auth/refresh'))).toEqual(tooMuch)
    for (const { abort } of uploads) abort()
    await Promise.all(uploads.map(({ answer }) => answer))
    expect((await eve.post('/api/v1/tasks', TASK.padEnd(MIB))).status).toBe(201)
    expect(await titles(ann)).toEqual([])
  })

  test('that do not say how many they are count as they come', async () => {
    const chunked = upload(ann, undefined)
    await begun(chunked)
    expect(world.deps.bodies.reserved()).toBe(64 * KIB)
    const large = upload(ann, MIB)
    await begun(large)
    chunked.send(' '.repeat(MIB - 1))
    await vi.waitUntil(() => world.deps.bodies.reserved() === 2 * MIB - 1, {
      timeout: 60_000,
      interval: 1,
    })
    chunked.send('  ')
    expect(await refusal(chunked)).toMatchObject({ status: 413, code: 'too_large' })
    const more = upload(ann, undefined)
    more.send(' '.repeat(MIB))
    await vi.waitUntil(() => world.deps.bodies.reserved() === 2 * MIB, {
      timeout: 60_000,
      interval: 1,
    })
    expect(await refusal(upload(ann, undefined))).toEqual(tooMuch)
    for (const { abort } of [large, more]) abort()
    await Promise.all([large.answer, more.answer])
    expect(world.deps.bodies.reserved()).toBe(0)
  })

  test.each([
    ['a body that fits', (u: Upload) => u.send(TASK), 201],
    ['a body that is no JSON', (u: Upload) => u.send('{'), 400],
    ['a body that does not fit', (u: Upload) => u.send('{}'), 422],
    ['a body that is too large', (u: Upload) => u.send(' '.repeat(MIB + 1)), 413],
    ['a client that hangs up', (u: Upload) => u.abort(), 400],
  ])('are given back after %s', async (_, send, status) => {
    const one = upload(ann, undefined)
    await begun(one)
    expect(world.deps.bodies.reserved()).toBe(64 * KIB)
    send(one)
    try {
      one.end()
    } catch {
      // It has been ended.
    }
    expect((await one.answer).status).toBe(status)
    expect(world.deps.bodies.reserved()).toBe(0)
  })

  test('of all: those who send much leave room for those who send little', () => {
    const budget = createBodyBudget({ process: 64 * MIB, address: 16 * MIB, user: 8 * MIB })
    const code = (of: () => void): string => {
      try {
        of()
        return 'taken'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    const abusers = Array.from({ length: 40 }, (_, i) => ({
      address: `address ${i}`,
      user: `user ${i}`,
    }))
    const held = abusers.flatMap((sender) =>
      Array.from({ length: 20 }, () => {
        const reservation = budget.open(sender)
        return { reservation, outcome: code(() => reservation.take(MIB)) }
      }),
    )
    expect(new Set(held.map(({ outcome }) => outcome))).toEqual(
      new Set(['taken', 'rate_limited', 'unavailable']),
    )
    const owner = budget.open({ address: 'home', user: 'owner' })
    expect(code(() => owner.take(16 * KIB))).toBe('taken')
    expect(code(() => owner.take(4 * MIB))).toBe('unavailable')
    expect(budget.reserved()).toBeLessThan(64 * MIB)
    for (const { release } of [owner, ...held.map(({ reservation }) => reservation)]) {
      release()
      release()
    }
    expect(budget.reserved()).toBe(0)
  })
})

describe('a body that does not arrive', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  test('is ended after ten seconds without a byte', async () => {
    const one = upload(ann, 100)
    while (!one.read()) await new Promise(setImmediate)
    vi.advanceTimersByTime(9_999)
    one.send(' ')
    while (vi.getTimerCount() === 0) await new Promise(setImmediate)
    await new Promise(setImmediate)
    vi.advanceTimersByTime(9_999)
    expect(world.deps.bodies.reserved()).toBe(100)
    vi.advanceTimersByTime(1)
    expect(await refusal(one)).toMatchObject({ status: 408, code: 'request_timeout' })
    expect(world.deps.bodies.reserved()).toBe(0)
  })

  test('is ended after sixty seconds, however regularly its bytes come', async () => {
    const one = upload(ann, 100)
    while (!one.read()) await new Promise(setImmediate)
    for (let second = 0; second < 60; second += 5) {
      expect(world.deps.bodies.reserved()).toBe(100)
      one.send(' ')
      await new Promise(setImmediate)
      vi.advanceTimersByTime(5_000)
    }
    expect(await refusal(one)).toMatchObject({ status: 408, code: 'request_timeout' })
    expect(await titles(ann)).toEqual([])
  })
})

describe('a body that holds too much', () => {
  test.each(Object.keys(hostileBodies))(
    'is parsed only as far as an honest one goes: %s',
    (name) => {
      const bytes = new TextEncoder().encode(hostileBodies[name]?.())
      try {
        expect(valuesIn(parseJson(bytes).value)).toBeLessThanOrEqual(3_000)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^malformed_/) })
      }
    },
  )

  test('is refused with the first twenty faults, in the terms of the caller', async () => {
    const post = (name: string) => ann.post('/api/v1/tasks', hostileBodies[name]?.())
    const long = await ann.post('/api/v1/tasks', `{"${'k'.repeat(500_000)}":1}`)
    expect(long.status).toBe(422)
    expect(long.text.length, 'a long name is not repeated in full').toBeLessThan(2_000)
    const keys = await post('90,000 unknown keys')
    expect([keys.status, keys.body.errors.length]).toEqual([422, 20])
    expect(keys.body.errors[0]).toMatchObject({ pointer: '', code: 'too_big' })
    expect(keys.body.errors).toContainEqual(
      expect.objectContaining({ pointer: '/k0', code: 'unknown_field' }),
    )
    const list = await post('a list of 500,000 numbers')
    expect([list.status, list.body.errors[0].code]).toEqual([422, 'too_big'])
    expect((await post('lists in lists')).body.code).toBe('malformed_json')
    expect(await titles(ann)).toEqual([])
  })

  test('is never taken for its beginning', async () => {
    const rest = Array.from({ length: 2_000 }, (_, i) => `"k${i}":1`).join(',')
    const path = `/api/${ann.id}/tasks` // where fields that are not known are ignored
    expect((await ann.post(path, '{"title":"x","other":1}')).status).toBe(201)
    expect((await ann.post(path, `{"title":"y",${rest},"title":"z"}`)).status).toBe(422)
    expect(await titles(ann)).toEqual(['x'])
  })

  test('does not begin at a text, however many commas and quotation marks that has', async () => {
    const description = ',{["\\'.repeat(2_000)
    const { status, body } = await ann.post('/api/v1/tasks', { title: 'x', description })
    expect([status, body.description]).toEqual([201, description])
  })
})

const valuesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1)
    : 1
