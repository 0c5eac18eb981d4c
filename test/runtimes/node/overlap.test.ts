// What a repair beside an older version says when it fails.
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import type { Log } from '../../../src/core/log.ts'
import { repairDuringOverlap } from '../../../src/runtimes/node/overlap.ts'
import { failingAfter } from '../../support/failing-after.ts'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
await world.register('Ann')
afterAll(() => world.close())

/** Begins a repair on a database that answers so many calls, and fails once `fail` is called. */
const repairing = async (signal: AbortSignal, answered = 0) => {
  const [asked, failing, said] = [
    createDeferred<void>(),
    createDeferred<never>(),
    createDeferred<string>(),
  ]
  failing.promise.catch(() => {})
  const warnings: string[] = []
  const warning = (message: string) => {
    warnings.push(message)
    said.resolve(message)
  }
  const log: Log = { debug: () => {}, info: () => {}, warning, error: warning }
  const { db } = failingAfter(answered, world.deps.db, () => {
    asked.resolve()
    return failing.promise
  })
  repairDuringOverlap({ ...world.deps, log, db }, { applied: ['a migration'] }, signal)
  await asked.promise
  return {
    warnings,
    said: said.promise,
    fail: () => failing.reject(new Error('the database is closed')),
  }
}

test('one that fails is said', async () => {
  const ending = new AbortController()
  const { said, fail } = await repairing(ending.signal)
  fail()
  expect(await said).toBe('what an older version wrote could not be repaired yet')
  ending.abort()
})

test('one that the end of the process has cut off is not, however far it was', async () => {
  const ending = new AbortController()
  const all = await Promise.all([0, 1, 2, 3].map((reads) => repairing(ending.signal, reads)))
  ending.abort()
  for (const { fail } of all) fail()
  for (let i = 0; i < 50; i++) await turn()
  expect(all.flatMap(({ warnings }) => warnings)).toEqual([])
})
