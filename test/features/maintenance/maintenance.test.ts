import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawQuery } from '../../../src/db/statement.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor, runMaintenance } from '../../support/maintenance.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const DAY = 24 * 60 * 60 * 1000

describeEachDatabase('maintenance', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const count = async (table: string) =>
    Number(
      (await world.deps.db.one(rawQuery<{ n: number }>(`select count(*) from ${table}`, ['n'])))?.n,
    )
  const signInAgain = async () => {
    const { body } = await world.anonymous.post('/api/v1/auth/login', {
      email: ann.email,
      password: ann.password,
    })
    ann = { ...ann, ...world.client(body.access_token) }
  }
  const run = () => maintainFor(world)

  test('what is old in the trash is gone for good, with a tombstone; what is younger or was restored stays', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'P' })
    const make = async () =>
      (await ann.post('/api/v1/tasks', { title: 't', project_id: project.id, labels: ['l'] }))
        .body as { id: string }
    const tasks = [await make(), await make(), await make()]
    await ann.delete(`/api/v1/projects/${project.id}`)
    await ann.post(`/api/v1/tasks/${tasks[2]!.id}/restore`)
    await ann.delete(`/api/v1/tasks/${tasks[2]!.id}`)
    world.clock.advance(20 * DAY)
    await signInAgain()
    await ann.post(`/api/v1/tasks/${tasks[1]!.id}/restore`)
    await ann.delete(`/api/v1/tasks/${tasks[1]!.id}`)
    world.clock.advance(11 * DAY)
    await run()
    await signInAgain()
    const statuses = await Promise.all(
      tasks.map(async ({ id }) => (await ann.get(`/api/v1/tasks/${id}`)).status),
    )
    expect(statuses).toEqual([404, 200, 404])
    const gone = await world.deps.db.all(
      rawQuery<{ id: string }>("select entity_id from changes where gone and entity = 'task'", [
        'id',
      ]),
    )
    expect(gone.map(({ id }) => id).sort()).toEqual([tasks[0]!.id, tasks[2]!.id].sort())
    expect(
      await world.deps.db.all(rawQuery<{ n: number }>('select task_count from users', ['n'])),
    ).toEqual([{ n: 1 }])
    expect(await count('projects'), 'the deleted project goes with its last task').toBe(1)
  })

  test('expired sessions, refresh tokens and receipts go, live ones stay', async () => {
    await signInAgain()
    await ann.post('/api/v1/tasks', { title: 'x' }, { 'Idempotency-Key': 'k' })
    world.clock.advance(2 * DAY)
    const bob = await world.register('Bob')
    expect(
      (await bob.post('/api/v1/tasks', { title: 'x' }, { 'Idempotency-Key': 'k' })).body,
    ).toMatchObject({ title: 'x' })
    await run()
    expect(await count('receipts')).toBe(1)
    world.clock.advance(28 * DAY)
    await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: bob.refreshToken })
    await run()
    expect([await count('sessions'), await count('refresh_tokens')]).toEqual([1, 2])
  })

  describe('tombstones', () => {
    let eve: User
    const make = async (): Promise<string> =>
      (await eve.post('/api/v1/labels', { name: `label ${world.clock.now()}` })).body.id
    const bury = async (count: number): Promise<string[]> => {
      const ids: string[] = []
      for (let i = 0; i < count; i++) ids.push(await make())
      for (const id of ids) await eve.delete(`/api/v1/labels/${id}`)
      return ids
    }
    const kept = async (ids: readonly string[]): Promise<number> => {
      const rows = await world.deps.db.all(
        rawQuery<{ id: string }>(`select entity_id from changes where reader_id = '${eve.id}'`, [
          'id',
        ]),
      )
      return rows.filter(({ id }) => ids.includes(id)).length
    }
    const later = async (days: number) => {
      for (let day = 0; day < days; day += 5) {
        world.clock.advance(5 * DAY)
        await runMaintenance(world)
      }
      await run()
      const { body } = await world.anonymous.post('/api/v1/auth/login', {
        email: eve.email,
        password: eve.password,
      })
      eve = { ...eve, ...world.client(body.access_token) }
    }

    test('go ninety days after the deletion, and nothing else goes with them', async () => {
      eve = await world.register('Eve')
      await runMaintenance(world)
      const [stays, old] = [await make(), await bury(70)]
      await later(40)
      const young = await bury(3)
      await later(45)
      expect([await kept(old), await kept(young), await kept([stays])]).toEqual([70, 3, 1])
      await later(10)
      expect([await kept(old), await kept(young), await kept([stays])]).toEqual([0, 3, 1])
    })

    test('stay where one reading of the clock is far ahead, however often the process starts then', async () => {
      eve = await world.register('Eva')
      await runMaintenance(world)
      const ids = await bury(3)
      await later(30)
      world.clock.advance(400 * DAY)
      for (let start = 0; start < 20; start++) await runMaintenance(world)
      expect(await kept(ids)).toBe(3)
      world.clock.advance(-400 * DAY)
      await runMaintenance(world)
      expect(await kept(ids)).toBe(3)
      await later(75)
      expect(await kept(ids)).toBe(0)
    })
  })
})
