// What the jobs of the service say where the process ends in the middle of them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zoneDataOf } from '../src/core/zone-data.ts'
import { ClosedDatabase } from '../src/db/open/file/connection.ts'
import { rawQuery, write } from '../src/db/statement.ts'
import { jobsOf } from '../src/jobs.ts'
import { imported } from './features/imports/harness.ts'
import { failingAfter } from './support/failing-after.ts'
import { until } from './support/size.ts'
import { createWorld, stillClock, type User, type World } from './support/world.ts'

/** Calls of the database after which a job is not cut off any more. */
const MOST = 60
/** A process that ends without giving it back loses a lease in this time. */
const LEASE_MS = 180_000

let world: World
let ann: User
/** Something for each job to do. */
beforeAll(async () => {
  const targets = {
    refusal: async () => undefined,
    send: async () => ({ status: 200, retryAfter: null, text: 'fine' }),
  }
  world = await createWorld({ clock: stillClock(), targets })
  ann = await world.register('Ann')
  const make = async (path: string, body: object): Promise<{ id: string }> => {
    const { status, body: made, text } = await ann.post(`/api/v1/${path}`, body)
    expect(status, text).toBe(201)
    return made
  }
  await make('webhooks', { url: 'https://hooks.example.org/in', event_types: [] })
  await imported(world, ann, '2026-11-01 Sweep @home')
  const { db } = world.deps
  const open = rawQuery<{ count: number }>('select count(*) from imports where open', ['count'])
  // It is done before its pieces are deleted.
  await until(async () => (await db.one(open))?.count === 0)
  const goOn = "update imports set open = true, status = 'writing'"
  await db.atomic([write({ text: goOn, bind: () => [] }, {})])
  for (let i = 0; i < 3; i++) {
    const { id } = await make('tasks', { title: `Task ${i}` })
    const at = new Date(world.clock.now() + 1_000).toISOString()
    await make(`tasks/${id}/reminders`, { trigger: { kind: 'instant', at } })
  }
  world.clock.advance(2_000)
})
afterAll(() => world.close())

/** A database that answers so many calls and is closed then, when the process is to end. */
const closingAfter = (answered: number) => {
  const ending = new AbortController()
  const close = async () => {
    ending.abort()
    throw new ClosedDatabase()
  }
  return { signal: ending.signal, ...failingAfter(answered, world.deps.db, close) }
}

test('a job that the end of the process cuts off, wherever that is, says nothing', async () => {
  const said: unknown[] = []
  const names = jobsOf(world.deps, () => zoneDataOf('2026c')).map(({ name }) => name)
  const answered: Record<string, number> = {}
  for (const name of names)
    for (let calls = 0; calls < MOST; calls++) {
      const { signal, db, calls: done } = closingAfter(calls)
      const say = (message: string, details?: object) =>
        void said.push({ name, calls, message, ...details })
      const log = { ...world.deps.log, warning: say, error: say }
      const job = jobsOf({ ...world.deps, db, log }, () => zoneDataOf('2026c')).find(
        (one) => one.name === name,
      )
      if (!job) throw new Error(name)
      await world.deps.jobs.run(job, { first: true, signal })
      answered[name] = Math.max(answered[name] ?? 0, Math.min(calls, done()))
      // What it has not given back is free.
      world.clock.advance(LEASE_MS)
      if (!signal.aborted) break
    }
  expect(said).toEqual([])
  // Each was in the middle of its work. These have nothing to do, or are short.
  const { bulk_changes: _none, upkeep: _noneEither, reminders, ...others } = answered
  expect(reminders).toBeGreaterThan(1)
  for (const [name, calls] of Object.entries(others)) expect(calls, name).toBeGreaterThan(5)
})
