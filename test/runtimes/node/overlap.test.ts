// What a repair beside an older version says when it fails.
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import type { Log } from '../../../src/core/log.ts'
import { repairDuringOverlap } from '../../../src/runtimes/node/overlap.ts'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
await world.register('Ann')
afterAll(() => world.close())

/** Begins a repair on a database that answers so many reads, and fails once `fail` is called. */
const repairing = async (signal: AbortSignal, answered = 0) => {
  const [asked, failing, said] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<never>(),
    Promise.withResolvers<string>(),
  ]
  failing.promise.catch(() => {})
  const warnings: string[] = []
  const warning = (message: string) => {
    warnings.push(message)
    said.resolve(message)
  }
  const log: Log = { debug: () => {}, info: () => {}, warning, error: warning }
  let reads = 0
  const until =
    <A extends unknown[], T>(read: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (reads++ < answered) return read(...args)
      asked.resolve()
      return failing.promise
    }
  const { all, one, ...rest } = world.deps.db
  const db = { ...rest, all: until(all) as typeof all, one: until(one) as typeof one }
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
