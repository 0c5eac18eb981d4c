// How writes to a libSQL server wait for each other. The server is played here: when it answers is
// what matters. A real one is in test/db/servers/outage.test.ts.
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { openLibsql } from '../../../src/db/open/libsql.ts'
import { isUnavailable } from '../../../src/db/unavailable.ts'

const anyWrite = { statement: { text: 'delete from tasks', bind: () => [] }, values: {} }
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  )

test('a write that has waited for half of its time is not sent any more, and is known not to be done', async () => {
  let batches = 0
  const done = createDeferred<void>()
  const batch = async () => {
    batches++
    await done.promise
    return [{ rowsAffected: 1 }]
  }
  const limit = 2_000
  const db = openLibsql(() => ({ batch, execute: async () => ({ rows: [] }), close: () => {} }), {
    url: 'http://server.test',
    deadline: limit,
  })
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const [first, second] = [db.atomic([anyWrite]), errorOf(db.atomic([anyWrite]))]
  vi.advanceTimersByTime(limit / 2 + 1)
  done.resolve()
  expect(await first).toEqual([1])
  expect(await second).toMatchObject({ code: 'DATABASE_BUSY' })
  expect(isUnavailable(await second)).toBe(true)
  expect(batches).toBe(1)
  expect(await db.atomic([anyWrite])).toEqual([1])
})
