// How writes to a libSQL server and a replica of it wait for each other. The server and the replica are played here: when each of
// them answers, and that it cannot, is what matters. They themselves are in test/outage.test.ts.
import { expect, onTestFinished, test, vi } from 'vitest'
import { openLibsql } from '../src/db/open/libsql.ts'
import { openReplica, type ReplicaClient } from '../src/db/open/replica.ts'
import { isUnavailable } from '../src/db/portable.ts'
import { rawQuery } from '../src/db/statement.ts'

const anyWrite = { statement: { text: 'delete from tasks', bind: () => [] }, values: {} }
const query = rawQuery<{ n: number }>('select 1', ['n'])
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  )
const unreachable = () => Object.assign(new Error('cut off'), { code: 'ECONNRESET' })

/** A server that does what it is told to, one write after the other, and a replica whose syncs are answered by hand. */
const play = () => {
  const server = { batch: async (): Promise<{ rowsAffected: number }[]> => [{ rowsAffected: 1 }], ping: async () => {} }
  const syncs: PromiseWithResolvers<void>[] = []
  const asked = () => syncs.length
  const rows = async () => ({ rows: [[1]] })
  const client: ReplicaClient = {
    execute: rows,
    sync: () => {
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      return sync.promise
    },
    close: () => {},
  }
  const database = openLibsql(() => ({ batch: () => server.batch(), execute: () => server.ping().then(rows), close: () => {} }), {
    url: 'http://server.test',
    deadline: Number.POSITIVE_INFINITY,
  })
  return { server, syncs, asked, db: openReplica(database, client, Number.POSITIVE_INFINITY) }
}
/** Lets everything happen that waits for nothing outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('a write that has waited for half of its time is not sent any more, and is known not to be done', async () => {
  let batches = 0
  const done = Promise.withResolvers<void>()
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

test('whoever has written is answered when the replica has followed; those who write meanwhile share the next time', async () => {
  const { db, syncs, asked } = play()
  const answered: number[] = []
  const writes = [1, 2, 3].map((n) => db.atomic([anyWrite]).then(() => answered.push(n)))
  await settle()
  expect([asked(), answered]).toEqual([1, []])
  syncs[0]?.resolve()
  await settle()
  expect(answered).toEqual([1])
  expect(asked()).toBe(2)
  syncs[1]?.resolve()
  await Promise.all(writes)
  expect([asked(), answered]).toEqual([2, [1, 2, 3]])
})

test('where a write was cut off, nothing is read before the replica has followed', async () => {
  const { db, server, syncs } = play()
  server.batch = () => Promise.reject(unreachable())
  server.ping = () => Promise.reject(unreachable())
  expect(await errorOf(db.atomic([anyWrite]))).toMatchObject({ code: 'ECONNRESET' })
  expect(isUnavailable(await errorOf(db.one(query)))).toBe(true)
  server.ping = async () => {}
  const read = db.one(query)
  await settle()
  syncs[0]?.resolve()
  expect(await read).toEqual({ n: 1 })
})

test('a write that is done but not followed is answered as not known, and nothing is read before it is', async () => {
  const { db, syncs } = play()
  const write = errorOf(db.atomic([anyWrite]))
  await settle()
  syncs[0]?.reject(unreachable())
  expect(await write).toMatchObject({ code: 'DATABASE_BEHIND' })
  const read = db.one(query)
  await settle()
  syncs[1]?.resolve()
  expect(await read).toEqual({ n: 1 })
})

test.each([
  ['that nobody took', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
  ['that was refused', new Error('Server returned HTTP status 401')],
])('a write %s keeps nobody from reading', async (_, refusal) => {
  const { db, server, syncs } = play()
  server.batch = () => Promise.reject(refusal)
  const write = errorOf(db.atomic([anyWrite]))
  await settle()
  syncs[0]?.reject(refusal)
  expect(await write).toBe(refusal)
  expect(await db.one(query)).toEqual({ n: 1 })
})
