// One operation reads the clock once for what it writes: all rows of a batch have the same instant.
import { expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDefault } from '../support/databases.ts'
import { createWorld, testClock } from '../support/world.ts'

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A service whose clock moves at each look, and the instants of the present in each batch that it wrote. */
const observed = async (bulk?: { rows: number }) => {
  const clock = testClock()
  // The clock only moves at a look, so the first instant that a request can see is known without one.
  let [last, began] = [0, 0]
  const batches: { request: string; instants: string[] }[] = []
  let request = ''
  const watchedClock = {
    ...clock,
    now: () => {
      last = clock.now()
      return last
    },
  }
  const watch = (db: Database): Database => ({
    ...db,
    atomic: (writes, options) => {
      const instants = new Set<string>()
      for (const { values } of writes)
        for (const [name, value] of Object.entries(values)) {
          // The chunks of a large change put tasks into the trash at the instant of the change.
          if (bulk && ['at', 'deletedAt'].includes(name)) continue
          if (typeof value !== 'string' || !INSTANT.test(value)) continue
          const ms = Date.parse(value)
          if (ms > began && ms <= last) instants.add(value)
        }
      batches.push({ request, instants: [...instants] })
      return db.atomic(writes, options)
    },
  })
  const world = await createWorld({
    clock: watchedClock,
    open: async () => {
      const { db, close } = await openDefault()
      return { db: watch(db), close }
    },
    ...(bulk && { bulk }),
  })
  /** Runs one request. */
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    request = name
    began = last
    return run()
  }
  const expectOneEach = () => {
    expect(batches.length).toBeGreaterThan(0)
    for (const { request, instants } of batches)
      expect({ request, instants: instants.length }).toEqual({
        request,
        instants: Math.min(1, instants.length),
      })
    return batches
  }
  return { world, step, expectOneEach }
}

test.each([undefined, { rows: 3 }])(
  'whatever is done, each batch has one instant (%j)',
  async (bulk) => {
    const { world, step, expectOneEach } = await observed(bulk)
    const ada = await step('register', () => world.register('Ada'))
    await step('sign in', () =>
      world.anonymous.post('/api/v1/auth/login', { email: ada.email, password: ada.password }),
    )
    await step('refresh', () =>
      world.anonymous.post('/api/v1/auth/refresh', { refresh_token: ada.refreshToken }),
    )
    const make = async (path: string, body: object, headers = {}) => {
      const { body: made, status } = await step(`create ${path}`, () =>
        ada.post(path, body, headers),
      )
      expect(status).toBe(201)
      return made
    }
    const done = async (name: string, run: () => Promise<{ status: number }>) =>
      expect({ name, ok: (await step(name, run)).status < 300 }).toEqual({ name, ok: true })

    const [one, two] = [
      await make('/api/v1/projects', { name: 'one' }),
      await make('/api/v1/projects', { name: 'two' }),
    ]
    const keyed = { 'Idempotency-Key': 'k1' }
    const top = await make(
      '/api/v1/tasks',
      { title: 'top', project_id: one.id, labels: ['a', 'b'] },
      keyed,
    )
    const below: { id: string }[] = []
    for (let i = 0; i < 5; i++)
      below.push(await make('/api/v1/tasks', { title: `${i}`, parent_id: top.id, labels: ['a'] }))
    await make('/api/v1/tasks', { title: 'deep', parent_id: below[0]?.id })
    const path = `/api/v1/tasks/${top.id}`
    await done('patch', () => ada.patch(path, { status: 'completed', labels: ['a', 'c'] }))
    await done('move', () => ada.post(`${path}/move`, { project_id: two.id }))
    await done('delete', () => ada.delete(path))
    await done('restore', () => ada.post(`${path}/restore`, {}))
    await done('place', () =>
      ada.post(`/api/v1/tasks/${below[4]?.id}/move`, { before: below[0]?.id }),
    )
    const { items } = (await ada.get('/api/v1/labels')).body
    const label = items.find(({ name }: { name: string }) => name === 'a')
    await done('rename', () => ada.patch(`/api/v1/labels/${label.id}`, { name: 'A' }))
    await done('delete label', () => ada.delete(`/api/v1/labels/${label.id}`))
    await done('change project', () => ada.patch(`/api/v1/projects/${two.id}`, { name: 'zwei' }))
    await done('delete project', () => ada.delete(`/api/v1/projects/${two.id}`))
    await step('key', () => ada.post('/api/v1/api-keys', { name: 'k', scopes: ['tasks:read'] }))
    await step('profile', () => ada.patch('/api/v1/me', { name: 'Ada L.' }))
    await step('leave', () => ada.send('DELETE', '/api/v1/me', { password: ada.password }))
    const batches = expectOneEach()
    expect(batches.filter(({ instants }) => instants.length === 1).length).toBeGreaterThan(15)
    await world.close()
  },
)

test('tasks that one request changes say the same time', async () => {
  const { world } = await observed()
  const ada = await world.register('Ada')
  const top = (await ada.post('/api/v1/tasks', { title: 'top', labels: ['x'] })).body
  for (let i = 0; i < 20; i++)
    await ada.post('/api/v1/tasks', { title: `${i}`, parent_id: top.id, labels: ['x'] })
  const times = async (query = '') =>
    new Set(
      (await ada.get(`/api/v1/tasks?limit=100${query}`)).body.items.map(
        ({ updated_at }: { updated_at: string }) => updated_at,
      ),
    )
  await ada.delete(`/api/v1/tasks/${top.id}`)
  expect((await times('&deleted=true')).size).toBe(1)
  await ada.post(`/api/v1/tasks/${top.id}/restore`, {})
  expect((await times()).size).toBe(1)
  const [label] = (await ada.get('/api/v1/labels')).body.items
  await ada.patch(`/api/v1/labels/${label.id}`, { name: 'y' })
  expect((await times()).size).toBe(1)
  await world.close()
})
