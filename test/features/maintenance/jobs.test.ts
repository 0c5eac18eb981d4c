// The jobs of maintenance: what one of them cannot do is no matter of the others, nor of another
// process.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaseData, withLease } from '../../../src/core/lease.ts'
import { createLeasedJobs } from '../../../src/features/maintenance/leased-job.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type World } from '../../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describeEachDatabase('jobs of maintenance', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock() })
  })
  afterAll(() => world.close())

  const turn = { first: false, signal: new AbortController().signal }
  const context = () => ({ ...world.deps, quotas: world.deps.config.quotas })
  /** The jobs of a process. */
  const process = () => createLeasedJobs(context())

  test('at once in one process they run one after the other; one that fails is not done, and the others are', async () => {
    const did: string[] = []
    const job = process()
    const part = (name: string, fails = false) =>
      job({
        name,
        every: HOUR,
        act: async ({ lease }) => {
          await lease.beat()
          did.push(name)
          if (fails) throw new Error('no')
        },
      })
    const all = [part('one'), part('two', true), part('three')]
    const runAll = () => Promise.allSettled(all.map((each) => each.run(turn)))
    const next = world.clock.now() + HOUR
    expect(await runAll()).toEqual([
      { status: 'fulfilled', value: { next } },
      { status: 'rejected', reason: new Error('no') },
      { status: 'fulfilled', value: { next } },
    ])
    world.clock.advance(MINUTE)
    await runAll()
    expect(did).toEqual(['one', 'two', 'three', 'two'])
    world.clock.advance(HOUR)
    await runAll()
    expect(did.slice(4)).toEqual(['one', 'two', 'three'])
  })

  test('what another process does now is looked at again in a minute, and is overdue until it is done', async () => {
    let did = 0
    const act = async () => void did++
    const job = process()({ name: 'swept', every: HOUR, act })
    const other = process()({ name: 'swept', every: HOUR, act })
    await other.run(turn)
    const due = world.clock.now() + HOUR
    expect(await job.run(turn), 'the other has done it').toEqual({ next: due })
    world.clock.advance(HOUR + MINUTE)
    const now = world.clock.now()
    await withLease(world.deps, 'maintenance', {
      work: async () => {
        expect(await job.run(turn)).toEqual({ next: now + MINUTE, overdueSince: due })
      },
    })
    expect(did).toBe(1)
    expect(await job.run(turn)).toEqual({ next: now + HOUR })
    expect(did).toBe(2)
  })

  test('what a version before has kept is kept, and a time in the future counts as never', async () => {
    const job = process()({ name: 'mopped', every: HOUR, act: async () => {} })
    const now = world.clock.now()
    await withLease(world.deps, 'maintenance', {
      work: (lease) => lease.keep({ hourlyAt: now, begun: { mopped: now + 10 * HOUR } }),
    })
    expect(await job.run(turn)).toEqual({ next: now + HOUR })
    expect(await leaseData(world.deps, 'maintenance')).toMatchObject({
      hourlyAt: now,
      begun: { mopped: now },
    })
  })
})
