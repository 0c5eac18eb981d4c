// Of all processes on a database, one does the work; and what it does is safe if it stalls.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChunkQueue } from '../../src/core/chunk-queue.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { type Lease, LeaseLost, leaseData, withLease } from '../../src/core/lease.ts'
import { silent } from '../../src/core/log.ts'
import type { Database } from '../../src/db/database.ts'
import { rawQuery, write } from '../../src/db/statement.ts'
import { describeEachDatabase, type Opened } from '../support/databases.ts'
import { runMaintenance } from '../support/maintenance.ts'
import { createWorld, stillClock, type TestClock, type World } from '../support/world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describeEachDatabase('a lease', (open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  let works = 0
  const nameOfWork = () => `work ${works++}`
  const process = (clock: TestClock) => ({ db: opened.db, clock, log: silent })
  /** Takes the lease, if it can, and ends without giving it back. */
  const hold = async (clock: TestClock, name: string): Promise<Lease | undefined> => {
    const taken = createDeferred<Lease | undefined>()
    const work = (lease: Lease) => {
      taken.resolve(lease)
      return new Promise<void>(() => {})
    }
    withLease(process(clock), name, { work }).then(() => taken.resolve(undefined), taken.reject)
    return taken.promise
  }

  test('is had by one of eight that want it at the same moment', async () => {
    const name = nameOfWork()
    let did = 0
    let others = 7
    const end = createDeferred<void>()
    const work = async () => {
      did++
      await end.promise
    }
    const each = Array.from({ length: 8 }, () =>
      withLease(process(stillClock()), name, { work }).then(() => {
        if (--others === 0) end.resolve()
      }),
    )
    await Promise.all(each)
    expect(did).toBe(1)
  })

  test('is given back at the end of the work, also where that fails, and keeps its data', async () => {
    const name = nameOfWork()
    const failing = withLease(process(stillClock()), name, {
      work: async (lease) => {
        await lease.keep({ step: 1 })
        throw new Error('no more')
      },
    })
    await expect(failing).rejects.toThrow('no more')
    expect(await leaseData(opened, name)).toEqual({ step: 1 })
    expect(await hold(stillClock(), name)).toBeDefined()
    expect(await leaseData(opened, name)).toEqual({ step: 1 })
  })

  test('is taken over from a process that has ended, after three minutes and not before', async () => {
    const name = nameOfWork()
    const clock = stillClock()
    await hold(clock, name)
    clock.advance(2 * MINUTE + 59 * SECOND)
    expect(await hold(clock, name)).toBeUndefined()
    clock.advance(SECOND)
    expect(await hold(clock, name)).toBeDefined()
  })

  test('stays with a process that renews it, whose clock is half a minute behind', async () => {
    const name = nameOfWork()
    const [behind, right] = [stillClock(), stillClock()]
    right.advance(30 * SECOND)
    const lease = await hold(behind, name)
    for (let i = 0; i < 5; i++) {
      for (const clock of [behind, right]) clock.advance(2 * MINUTE)
      expect(await hold(right, name)).toBeUndefined()
      await lease?.beat()
    }
  })

  test('of a process whose clock was 40 days ahead does not last 40 days', async () => {
    const name = nameOfWork()
    const [ahead, right] = [stillClock(), stillClock()]
    ahead.advance(40 * DAY)
    const lease = await hold(ahead, name)
    expect(await hold(right, name)).toBeUndefined()
    // It is alive, and renews it.
    for (const clock of [ahead, right]) clock.advance(HOUR)
    await lease?.beat()
    expect(await hold(right, name)).toBeUndefined()
    // Now it is not.
    right.advance(3 * MINUTE)
    expect(await hold(right, name)).toBeDefined()
  })

  test('that is lost lets nothing be written, and does not end that of the successor', async () => {
    const name = nameOfWork()
    const clock = stillClock()
    const setting = (value: string) =>
      write(rawQuery(`insert into settings values ('${value}', '')`, []), {})
    const count = async () =>
      Number(
        (await opened.db.one(rawQuery<{ n: number }>('select count(*) from settings', ['n'])))?.n,
      )
    const stalled = createDeferred<void>()
    const taken = createDeferred<Lease>()
    const first = withLease(process(clock), name, {
      work: async (lease) => {
        taken.resolve(lease)
        await stalled.promise
        await lease.atomic([setting('first')])
      },
    })
    const before = await count()
    await taken.promise
    clock.advance(3 * MINUTE)
    const second = await hold(clock, name)
    stalled.resolve()
    await expect(first).rejects.toThrow(LeaseLost)
    expect(await count()).toBe(before)
    await expect((await taken.promise).keep({ lost: true })).rejects.toThrow(LeaseLost)
    await second?.atomic([setting('second')])
    expect(await count()).toBe(before + 1)
    expect(await hold(clock, name), 'the second still has it').toBeUndefined()
  })

  test('a process that is to end stops at its next step, and gives the lease back', async () => {
    const name = nameOfWork()
    const ending = new AbortController()
    const work = async (lease: Lease) => {
      await lease.beat()
      ending.abort()
      await lease.beat()
    }
    await expect(
      withLease(process(stillClock()), name, { work, signal: ending.signal }),
    ).rejects.toThrow(LeaseLost)
    expect(await hold(stillClock(), name)).toBeDefined()
  })
})

describeEachDatabase('maintenance of two processes on one database', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock() })
    await world.register('Ann')
  })
  afterAll(() => world.close())

  /** Another process on the database, with a clock of its own; `on` sees each batch before it runs. */
  const process = (clock: TestClock, on: (texts: readonly string[]) => Promise<void>) => {
    const db: Database = {
      ...world.deps.db,
      atomic: async (writes, options) => {
        await on(writes.map(({ statement }) => statement.text))
        return world.deps.db.atomic(writes, options)
      },
    }
    // Turns, too: those of another process do not wait for its own.
    return { deps: { ...world.deps, db, clock, bulk: { queue: createChunkQueue() } }, clock }
  }

  test('the hourly and the daily work is done once, by either', async () => {
    const did = [0, 0]
    const both = [0, 1].map((i) => {
      const clock = stillClock()
      clock.advance(i * 7 * SECOND)
      return process(clock, async ([first = '']) => {
        if (/delete from .rate_limits/.test(first)) did[i]!++
      })
    })
    const HOURS = 48
    for (let hour = 0; hour < HOURS; hour++) {
      for (const { clock } of both) clock.advance(30 * MINUTE)
      await Promise.all(both.map((one) => runMaintenance(one)))
      for (const { clock } of both) clock.advance(30 * MINUTE)
      await Promise.all(both.toReversed().map((one) => runMaintenance(one)))
    }
    expect(did[0]! + did[1]!, `${did}`).toBe(HOURS)
  })

  test('one that stalls in the middle writes nothing once another has taken over', async () => {
    const { clock } = world
    clock.advance(100 * DAY)
    const ann = await world.register('Eve')
    const { body: task } = await ann.post('/api/v1/tasks', { title: 'x' })
    await ann.delete(`/api/v1/tasks/${task.id}`)
    const there = async () => {
      const text = `select count(*) from tasks where id = '${task.id}'`
      return Number((await world.deps.db.one(rawQuery<{ n: number }>(text, ['n'])))?.n)
    }
    let stalls = 0
    const stalling = process(clock, async (texts) => {
      if (!texts.some((text) => /delete from .tasks/.test(text))) return
      stalls++
      clock.advance(4 * MINUTE)
      // The other one is configured to keep the trash.
      await runMaintenance(world, { trashDays: 0 })
    })
    for (let hour = 0; hour < 23; hour++) {
      clock.advance(HOUR)
      await runMaintenance(stalling, { trashDays: 1 })
    }
    expect([stalls, await there()]).toEqual([0, 1])
    clock.advance(30 * DAY)
    let lost: unknown
    for (let hour = 0; hour < 26 && lost === undefined; hour++) {
      clock.advance(HOUR)
      await runMaintenance(stalling, { trashDays: 1 }).catch((error: unknown) => {
        lost = error
      })
    }
    expect(stalls).toBe(1)
    expect(await there(), 'the batch of the stalled process was undone').toBe(1)
  })
})
