import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFairQueue, type FairQueue } from '../../src/core/fair-queue.ts'

const full = () => new Error('full')
const limits = { concurrent: 1, concurrentPerKey: 1, waitingPerKey: 100, full }

/**
 * Work that runs until it is told to end; `started` has the names in the order in which they began.
 */
const workshop = (queue: FairQueue) => {
  const started: string[] = []
  const ends = new Map<string, (failure?: Error) => void>()
  const give = (key: string, name: string, cost?: number): Promise<void> =>
    queue.run(
      key,
      () =>
        new Promise<void>((resolve, reject) => {
          started.push(name)
          ends.set(name, (failure) => (failure ? reject(failure) : resolve()))
        }),
      cost === undefined ? undefined : () => cost,
    )
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const end = async (name: string, failure?: Error) => {
    ends.get(name)?.(failure)
    await settle()
  }
  return { started, give, end, settle }
}

describe('a fair queue', () => {
  it('lets a key that comes late wait for one piece of work of each other key, not for their queues', async () => {
    const { started, give, end, settle } = workshop(createFairQueue(limits))
    const all = [
      give('a', 'a1'),
      give('a', 'a2'),
      give('a', 'a3'),
      give('b', 'b1'),
      give('b', 'b2'),
      give('c', 'c1'),
    ]
    await settle()
    for (let i = 0; i < all.length; i++) await end(started[i] as string)
    await Promise.all(all)
    expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  })

  it('gives keys the same time, not the same number of turns, and one that comes now and then is next', async () => {
    const { started, give, end, settle } = workshop(createFairQueue(limits))
    const all = [
      ...Array.from({ length: 3 }, (_, i) => give('a', `a${i}`, 10)),
      ...Array.from({ length: 12 }, (_, i) => give('b', `b${i}`, 2)),
    ]
    await settle()
    for (let i = 0; i < 9; i++) await end(started[i] as string)
    all.push(give('c', 'c0', 1))
    await settle()
    for (let i = 9; i < all.length; i++) await end(started[i] as string)
    await Promise.all(all)
    const first = started.slice(0, 12)
    expect(first.filter((name) => name.startsWith('a')).length).toBeLessThanOrEqual(3)
    expect(first.filter((name) => name.startsWith('b')).length).toBeGreaterThanOrEqual(7)
    expect(started.indexOf('c0')).toBe(10)
  })

  it('runs no more of a key at a time than it may, and others beside it', async () => {
    const { started, give, end, settle } = workshop(
      createFairQueue({ ...limits, concurrent: 3, concurrentPerKey: 2 }),
    )
    const all = [give('a', 'a1'), give('a', 'a2'), give('a', 'a3'), give('b', 'b1')]
    await settle()
    expect(started).toEqual(['a1', 'a2', 'b1'])
    await end('b1')
    expect(started).toEqual(['a1', 'a2', 'b1'])
    await end('a1')
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3'])
    for (const name of ['a2', 'a3']) await end(name)
    await Promise.all(all)
  })

  it('refuses what one key has too much of, and what all have too much of', async () => {
    const queue = createFairQueue({ ...limits, waitingPerKey: 1, waiting: 2 })
    const { started, give, end, settle } = workshop(queue)
    const all = [give('a', 'a1'), give('a', 'a2')]
    await expect(give('a', 'a3')).rejects.toThrow('full')
    all.push(give('b', 'b1'))
    await expect(give('c', 'c1')).rejects.toThrow('full')
    await settle()
    expect(queue.count()).toEqual({ waiting: 2, running: 1 })
    for (let i = 0; i < all.length; i++) await end(started[i] as string)
    await Promise.all(all)
    expect(queue.count()).toEqual({ waiting: 0, running: 0 })
  })

  it('refuses what has waited for too long, and nothing else', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const queue = createFairQueue({ ...limits, patience: 1_000 })
    const { started, give, end, settle } = workshop(queue)
    const first = give('a', 'a1')
    const late = expect(give('a', 'a2')).rejects.toThrow('full')
    vi.advanceTimersByTime(600)
    const inTime = give('b', 'b1')
    vi.advanceTimersByTime(600)
    await late
    expect(queue.count()).toEqual({ waiting: 1, running: 1 })
    await end('a1')
    vi.advanceTimersByTime(5_000)
    await settle()
    await end('b1')
    await Promise.all([first, inTime])
    expect(started).toEqual(['a1', 'b1'])
  })

  it('goes on after work that fails', async () => {
    const { started, give, end, settle } = workshop(createFairQueue(limits))
    const failing = give('a', 'a1')
    const next = give('a', 'a2')
    await settle()
    await Promise.all([expect(failing).rejects.toThrow('broken'), end('a1', new Error('broken'))])
    await end('a2')
    await next
    expect(started).toEqual(['a1', 'a2'])
  })
})
