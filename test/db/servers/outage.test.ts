// A database server that goes away, and comes back: what callers get meanwhile, and that nothing
// has to be restarted.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onD1 } from '../../../src/db/open/d1.ts'
import { openDatabase } from '../../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import { startD1 } from '../../support/d1.ts'
import { type Fresh, freshDatabases } from '../../support/fresh.ts'
import { startProxy, type TcpProxy } from '../../support/proxy.ts'
import { type Answer, createWorld, type User, type World } from '../../support/world.ts'

const open = async (databaseUrl: string) => {
  const place = findDatabaseTarget({ databaseUrl, dataDir: undefined, spaceId: undefined })
  const { db } = await openDatabase(place, { databasePoolSize: 5, migrate: 'auto' })
  return { db, close: () => db.close() }
}

const expectUnavailable = (answer: Answer): void => {
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', status: 503 } })
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
}

/** Asks until the answer has this status: nothing else tells that a server is back. */
const until = async (status: number, ask: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await ask()
    if (answer.status === status) return answer
    expectUnavailable(answer)
    await new Promise((resolve) => setTimeout(resolve, 20)) // refusals come back at once
  }
}

describe.each(Object.entries(freshDatabases()))('on %s', (_name, make) => {
  describe.skipIf(make === undefined)('a database server', () => {
    let [fresh, proxy, world, ada]: [Fresh?, TcpProxy?, World?, User?] = []
    beforeEach(async () => {
      fresh = await make?.()
      if (!fresh) throw new Error('no server')
      proxy = await startProxy(fresh.url)
      const url = proxy.through(fresh.url)
      world = await createWorld({ open: () => open(url) })
      ada = await world.register('Ada')
    })
    afterEach(async () => {
      await world?.close()
      await proxy?.close()
      await fresh?.drop()
    })
    const parts = () => {
      if (!proxy || !world || !ada) throw new Error('not set up')
      return { proxy, world, ada }
    }

    test.each(['cut', 'hang'] as const)(
      'that is gone (%s): 503 for all, the process lives, and it is found again',
      async (how) => {
        const { proxy, world, ada } = parts()
        const create = (title: string) => ada.post('/api/v1/tasks', { title })
        // So many at once that every connection of the pool is open, and lost.
        const before = await Promise.all(
          Array.from({ length: 12 }, (_, i) => create(`before ${i}`)),
        )
        expect(before.map(({ status }) => status)).toEqual(before.map(() => 201))

        await proxy[how]()
        const task = before[0]?.headers.get('Location') ?? ''
        const asked = [
          ...Array.from({ length: 6 }, () => ada.get(task)),
          ...Array.from({ length: 6 }, (_, i) => create(`meanwhile ${i}`)),
          ada.get('/api/v1/tasks'),
          ada.patch(task, { title: 'changed' }),
          world.anonymous.post('/api/v1/auth/login', { email: ada.email, password: ada.password }),
        ]
        for (const answer of await Promise.all(asked)) expectUnavailable(answer)
        expect((await world.anonymous.get('/ready')).status).toBe(503)
        expect((await world.anonymous.get('/health')).status).toBe(200)
        expectUnavailable(await ada.get(task))

        await proxy.restore()
        await until(200, () => ada.get(task))
        await until(201, () => create('after'))
        expect((await world.anonymous.get('/ready')).status).toBe(200)
        const titles = (await ada.get('/api/v1/tasks?limit=200')).body.items.map(
          ({ title }: { title: string }) => title,
        )
        expect(titles).toEqual(
          expect.arrayContaining([...before.map((_, i) => `before ${i}`), 'after']),
        )
      },
    )

    test('that comes and goes is found each time', async () => {
      const { proxy, ada } = parts()
      for (let round = 0; round < 3; round++) {
        await proxy.cut()
        expectUnavailable(await ada.get('/api/v1/tasks'))
        await proxy.restore()
        await until(200, () => ada.get('/api/v1/tasks'))
        await until(201, () => ada.post('/api/v1/tasks', { title: `round ${round}` }))
      }
    })
  })
})

/**
 * D1 is no address that could be cut off: here its binding keeps its answers to itself while it is
 * `silent`.
 */
const openD1 = async () => {
  const { binding, stop } = await startD1()
  const state = { silent: false }
  const reals = new WeakMap<object, object>()
  const silenced = <T extends object>(real: T): T => {
    const proxy = new Proxy(real, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...given: unknown[]) => object
        return (...given: unknown[]) => {
          if (name === 'prepare' || name === 'bind') return silenced(method.apply(target, given))
          if (state.silent) return new Promise(() => {})
          return method.apply(
            target,
            name === 'batch'
              ? [(given[0] as object[]).map((statement) => reals.get(statement))]
              : given,
          )
        }
      },
    })
    reals.set(proxy, real)
    return proxy
  }
  const db = onD1(silenced(binding))
  await db.migrate(readMigrations('sqlite'))
  return { db, close: stop, state }
}

test('D1 that does not answer: 503 for all, and it is found again', async () => {
  const { db, close, state } = await openD1()
  const world = await createWorld({ open: async () => ({ db, close }) })
  const ada = await world.register('Ada')
  state.silent = true
  const asked = [
    ada.get('/api/v1/tasks'),
    ada.post('/api/v1/tasks', { title: 'Wait' }),
    world.anonymous.post('/api/v1/auth/login', { email: ada.email, password: ada.password }),
  ]
  for (const answer of await Promise.all(asked)) expectUnavailable(answer)
  expect((await world.anonymous.get('/ready')).status).toBe(503)
  state.silent = false
  expect((await ada.post('/api/v1/tasks', { title: 'Go on' })).status).toBe(201)
  await world.close()
})
