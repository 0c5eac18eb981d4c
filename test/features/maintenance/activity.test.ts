// The record of what happened is bounded for each owner: the oldest events go.
import { expect, onTestFinished, test } from 'vitest'
import { withLease } from '../../../src/core/lease.ts'
import { pruneActivity } from '../../../src/features/maintenance/activity.ts'
import { look } from '../../../src/features/maintenance/confirmed-time.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { eventsIn } from '../../support/events.ts'
import { createWorld } from '../../support/world.ts'

const KEPT = 1_000
const tasks = '/api/v1/tasks'

describeEachDatabase('the record of what happened', (open) => {
  test('keeps the newest of each owner', async () => {
    const world = await createWorld({ open })
    onTestFinished(() => world.close())
    const [ann, bob] = [await world.register('Ann'), await world.register('Bob')]
    const operations = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        operation: 'createTask',
        params: { body: { title: `Task ${i}` } },
      }))
    for (let i = 0; i < 3; i++) await ann.post('/api/v1/batch', { operations: operations(400) })
    for (let i = 0; i < 5; i++) await ann.post(tasks, { title: 'Later' })
    await bob.post(tasks, { title: 'Bob’s' })
    const before = await eventsIn(world)
    const { db, clock, log } = world.deps
    await withLease({ db, clock, log }, 'test', {
      work: (lease) =>
        pruneActivity(
          {
            ...world.deps,
            quotas: world.deps.config.quotas,
            actor: { kind: 'system', userId: '', subject: '' },
            lease,
            observed: look(undefined, clock.now()),
          },
          KEPT,
        ),
    })
    const left = new Set((await eventsIn(world)).map(({ id }) => id))
    const ofUser = (id: string) => before.filter(({ owner_id }) => owner_id === id)
    for (const { id } of ofUser(bob.id)) expect(left).toContain(id)
    const own = ofUser(ann.id)
    expect(own.length).toBeGreaterThan(1_200)
    const kept = own.filter(({ id }) => left.has(id))
    // All of the newest, and what else is of the last batch among them.
    expect(kept.length).toBeGreaterThanOrEqual(KEPT)
    expect(kept.length).toBeLessThan(own.length)
    const seqs = kept.map(({ seq }) => Number(seq))
    const goneSeqs = own.filter(({ id }) => !left.has(id)).map(({ seq }) => Number(seq))
    expect(Math.max(...goneSeqs)).toBeLessThan(Math.min(...seqs))
  })
})
