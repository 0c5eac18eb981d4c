// How requests that change the same thing at the same moment give way to each other;
// test/features/tasks/contention.test.ts has real ones on every database.
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { createContention, withoutQueue } from '../../src/core/contention.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { createKeyedQueue, noQueue } from '../../src/core/keyed-queue.ts'
import { noSingleFlight } from '../../src/core/single-flight.ts'
import type { Database } from '../../src/db/database.ts'
import { createDeps } from '../../src/deps.ts'
import { crowd, everyItem, tally } from '../support/crowd.ts'
import { openDefault } from '../support/databases.ts'
import { createWorld, stillClock } from '../support/world.ts'

/** Work that ends when it is told to. */
const gate = () => createDeferred<void>()

describe('a keyed queue', () => {
  test('runs what has the same key in order of arrival, one at a time', async () => {
    const queue = createKeyedQueue()
    const gates = [gate(), gate(), gate()]
    const begun: number[] = []
    const runs = gates.map(({ promise }, i) =>
      queue.run('a', async () => {
        begun.push(i)
        await promise
        return i
      }),
    )
    expect(begun).toEqual([0])
    gates[2]?.resolve()
    gates[0]?.resolve()
    expect(await runs[0]).toBe(0)
    expect(begun).toEqual([0, 1])
    gates[1]?.resolve()
    expect(await Promise.all(runs)).toEqual([0, 1, 2])
    expect(queue.isBusy('a')).toBe(false)
  })

  test('lets nothing of another key wait', async () => {
    const queue = createKeyedQueue()
    const { promise, resolve } = gate()
    const first = queue.run('a', () => promise)
    expect([queue.isBusy('a'), queue.isBusy('b')]).toEqual([true, false])
    expect(await queue.run('b', async () => 'done')).toBe('done')
    expect(queue.isBusy('a')).toBe(true)
    resolve()
    await first
  })

  test('goes on behind work that failed, and tells nobody else of the failure', async () => {
    const queue = createKeyedQueue()
    const failed = queue.run('a', () => Promise.reject(new Error('broken')))
    const next = queue.run('a', async () => 'done')
    await expect(failed).rejects.toThrow('broken')
    expect(await next).toBe('done')
  })

  test('is none where requests must not wait for each other', async () => {
    const { promise, resolve } = gate()
    const first = noQueue.run('a', () => promise)
    expect(await noQueue.run('a', async () => 'done')).toBe('done')
    expect(noQueue.isBusy('a')).toBe(false)
    resolve()
    await first
  })
})

describe('a request that others keep getting ahead of', () => {
  /**
   * A world in which batches are stale while told so, and pauses take the time of its clock only.
   */
  const contended = async (queue = createKeyedQueue()) => {
    const clock = stillClock()
    const pauses: number[] = []
    let stale = (): boolean | Promise<boolean> => false
    let attempts = 0
    const contention = createContention({
      queue,
      random: () => 0.5,
      sleep: async (ms) => {
        pauses.push(ms)
        clock.advance(ms)
      },
    })
    const world = await createWorld({
      clock,
      contention,
      open: async () => {
        const { db, close } = await openDefault()
        const atomic: Database['atomic'] = async (writes, options) => {
          attempts++
          return (await stale()) ? 'stale' : db.atomic(writes, options)
        }
        return { db: { ...db, atomic }, close }
      },
    })
    onTestFinished(world.close)
    const ann = await world.register('Ann')
    const { body: task } = await ann.post('/api/v1/tasks', { title: 'Sweep' })
    attempts = 0
    const staleWhile = (condition: typeof stale) => {
      stale = condition
    }
    return {
      ann,
      task,
      pauses,
      staleWhile,
      path: `/api/v1/tasks/${task.id}`,
      attempts: () => attempts,
    }
  }

  test('is made at the eighth attempt as at the first', async () => {
    const { ann, path, pauses, staleWhile, attempts } = await contended()
    staleWhile(() => attempts() <= 7)
    expect((await ann.patch(path, { title: 'Swept' })).status).toBe(200)
    expect(attempts()).toBe(8)
    // The first attempt in turn follows at once; then each pause may be twice as long, up to a
    // second.
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320])
    expect((await ann.get(path)).body.title).toBe('Swept')
  })

  test.each(['with a queue', 'without one'])(
    'gives up after ten seconds, and says when to come back (%s)',
    async (how) => {
      const { ann, task, path, pauses, staleWhile } = await contended(
        how === 'with a queue' ? undefined : noQueue,
      )
      staleWhile(() => true)
      const refused = await ann.patch(path, { title: 'Swept' })
      expect([refused.status, refused.body.code, refused.headers.get('Retry-After')]).toEqual([
        409,
        'write_conflict',
        '1',
      ])
      const waited = pauses.reduce((sum, ms) => sum + ms, 0)
      expect(Math.max(...pauses)).toBe(500)
      expect(waited).toBeGreaterThanOrEqual(10_000)
      expect(waited - (pauses.at(-1) ?? 0)).toBeLessThan(10_000)
      staleWhile(() => false)
      expect((await ann.get(path)).body).toEqual(task)
    },
  )

  test('is refused at once where it named the revision that is gone, also while others wait', async () => {
    const queue = createKeyedQueue()
    const { ann, task, path, staleWhile } = await contended(queue)
    const { promise, resolve } = gate()
    const before = queue.run(ann.id, () => promise)
    let overtaken = false
    staleWhile(async () => {
      if (overtaken) return false
      overtaken = true
      expect((await ann.patch(path, { title: 'Swept' })).status).toBe(200)
      return true
    })
    const refused = await ann.patch(path, { title: 'Mopped' }, { 'If-Match': `"${task.rev}"` })
    expect(refused.status).toBe(412)
    expect([overtaken, queue.isBusy(ann.id)]).toEqual([true, true])
    resolve()
    await before
  })
})

test('more tasks than get new positions at once may have the same one, and are still moved between each other', async () => {
  const COUNT = 130
  let together = false
  const waiting: (() => void)[] = []
  const world = await createWorld({
    // So many bodies of unknown length at a time.
    env: { BODY_MEMORY: '256', BODY_MEMORY_PER_ADDRESS: '64', BODY_MEMORY_PER_USER: '64' },
    open: async () => {
      const { db, close } = await openDefault()
      // All have read before the first one writes.
      const atomic: Database['atomic'] = async (writes, options) => {
        if (together) {
          const { promise, resolve } = gate()
          if (waiting.push(resolve) === COUNT) for (const each of waiting) each()
          await promise
        }
        return db.atomic(writes, options)
      }
      return { db: { ...db, atomic }, close }
    },
  })
  onTestFinished(world.close)
  const ann = await world.register('Ann')
  const make = async (): Promise<string> =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep' })).body.id
  const first = await make()
  const ids: string[] = []
  while (ids.length < COUNT) ids.push(await make())
  const last = await make()
  const move = (id: string, place: object) => ann.post(`/api/v1/tasks/${id}/move`, place)
  const list = () => everyItem(ann, '/api/v1/tasks?sort=position')
  together = true
  expect(tally(await crowd(ids, COUNT, (id) => move(id, { after: first })))).toEqual({ 200: COUNT })
  together = false
  const equal = await list()
  expect(new Set(equal.slice(1, -1).map(({ position }) => position)).size).toBe(1)
  expect(equal.map(({ id }) => id)).toEqual([first, ...ids, last])
  const [moved, ...others] = ids as [string, ...string[]]
  expect((await move(moved, { after: others[119] })).status).toBe(200)
  const order = [first, ...others.slice(0, 120), moved, ...others.slice(120), last]
  const sorted = await list()
  expect(sorted.map(({ id }) => id)).toEqual(order)
  expect(new Set(sorted.map(({ position }) => position)).size).toBe(sorted.length)
})

test('where requests are apart, none waits in a queue for another', async () => {
  const { db, close } = await openDefault()
  onTestFinished(close)
  const { contention, longReadQueue, bulk } = await createDeps(parseConfig({}), {
    db,
    sharing: noSingleFlight,
  })
  expect([contention, longReadQueue, bulk.queue]).toEqual([withoutQueue, undefined, undefined])
})

test('pauses are a random part of a bound that doubles', async () => {
  const slept: number[] = []
  const sleep = async (ms: number) => void slept.push(ms)
  const parts = [0, 0.25, 0.999]
  const { pause } = createContention({ random: () => parts.shift() ?? 0, sleep })
  for (const failed of [1, 3, 20]) await pause(failed)
  expect(slept).toEqual([0, 20, 999])
  expect(withoutQueue.queue).toBe(noQueue)
})
