// Nothing is deleted for good because a clock said once that it is late.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawQuery } from '../../../src/db/statement.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor, runMaintenance } from '../../support/maintenance.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describeEachDatabase('maintenance with a clock that is wrong', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock() })
    await maintainFor(world)
  })
  afterAll(() => world.close())

  const run = () => runMaintenance(world)
  const pass = (ms: number) => maintainFor(world, ms / HOUR)
  /** The clock says something else from now on. */
  const jump = async (ms: number) => {
    world.clock.advance(ms)
    // The process is started some times, and answers requests meanwhile.
    for (let start = 0; start < 5; start++) {
      await run()
      world.clock.advance(MINUTE)
    }
  }
  const count = async (table: string, where: string) => {
    const text = `select count(*) from ${table} where ${where}`
    return Number((await world.deps.db.one(rawQuery<{ n: number }>(text, ['n'])))?.n)
  }

  let people = 0
  /** A user with something of everything that maintenance deletes one day. */
  const settle = async () => {
    const user = await world.register(`Ann${people++}`)
    const { body: task } = await user.post('/api/v1/tasks', { title: 'in the trash' })
    await user.delete(`/api/v1/tasks/${task.id}`)
    const { body: label } = await user.post('/api/v1/labels', { name: 'gone' })
    await user.delete(`/api/v1/labels/${label.id}`)
    const once = () => user.post('/api/v1/tasks', { title: 'once' }, { 'Idempotency-Key': 'k' })
    await once()
    return { user, task: task.id as string, label: label.id as string, once }
  }
  const kept = async ({ user, task, label }: Awaited<ReturnType<typeof settle>>) => ({
    trash: await count('tasks', `id = '${task}'`),
    tombstone: await count('changes', `entity_id = '${label}'`),
    receipt: await count('receipts', `user_id = '${user.id}'`),
    session: await count('sessions', `user_id = '${user.id}'`),
    token: await count(
      'refresh_tokens',
      `session_id in (select id from sessions where user_id = '${user.id}')`,
    ),
  })
  const everything = { trash: 1, tombstone: 1, receipt: 1, session: 1, token: 1 }
  const refresh = ({ refreshToken }: User) =>
    world.anonymous.post('/api/v1/auth/refresh', { refresh_token: refreshToken })

  for (const days of [40, 100, 365])
    test(`a clock that is ${days} days ahead for a while deletes nothing, and all works again`, async () => {
      const things = await settle()
      await pass(2 * HOUR)
      await jump(days * DAY)
      await pass(5 * HOUR)
      expect((await refresh(things.user)).status, 'refused meanwhile').toBe(401)
      // Others sign in and write meanwhile.
      await world.anonymous.post('/api/v1/auth/login', {
        email: things.user.email,
        password: things.user.password,
      })
      world.clock.advance(-days * DAY)
      await run()
      await pass(HOUR)
      expect(await kept(things)).toEqual({ ...everything, session: 2, token: 2 })
      expect((await refresh(things.user)).status).toBe(200)
      const restored = await world
        .client((await refresh(things.user)).body.access_token)
        .post(`/api/v1/tasks/${things.task}/restore`)
      expect(restored.status).toBe(200)
    })

  test('a clock that jumps again and again deletes nothing', async () => {
    const things = await settle()
    await pass(HOUR)
    for (const days of [40, 60, -100, 365, 1, -366]) await jump(days * DAY)
    await jump(200 * DAY)
    for (let month = 0; month < 10; month++) await jump(30 * DAY)
    expect(await kept(things)).toEqual(everything)
    world.clock.advance(-500 * DAY)
    await run()
    expect(await kept(things)).toEqual(everything)
  })

  test('after a pause of 40 days, what is due is deleted when the service has run for a day', async () => {
    const things = await settle()
    await pass(HOUR)
    world.clock.advance(40 * DAY)
    await pass(20 * HOUR)
    expect(await kept(things)).toEqual(everything)
    await pass(30 * HOUR)
    expect(await kept(things)).toEqual({
      ...{ trash: 0, receipt: 0, session: 0, token: 0 },
      tombstone: 1,
    })
    expect(await count('changes', `entity_id = '${things.task}' and gone`), 'a tombstone').toBe(1)
  })

  test('hour by hour, things go within two days after they are due', async () => {
    const things = await settle()
    await maintainFor(world, 24, { trashDays: 1 })
    expect(await kept(things)).toEqual(everything)
    await maintainFor(world, 48, { trashDays: 1 })
    expect(await kept(things)).toEqual({ ...everything, trash: 0, receipt: 0 })
  })

  test('what was done while the clock was 40 days behind is not 40 days old', async () => {
    const before = await settle()
    await jump(-40 * DAY)
    const things = await settle()
    await pass(2 * HOUR)
    world.clock.advance(40 * DAY)
    await maintainFor(world)
    expect([(await kept(before)).trash, (await kept(things)).trash]).toEqual([1, 1])
    world.clock.advance(20 * DAY)
    await maintainFor(world)
    expect([(await kept(before)).trash, (await kept(things)).trash]).toEqual([1, 1])
    world.clock.advance(10 * DAY)
    await maintainFor(world)
    expect([(await kept(before)).trash, (await kept(things)).trash]).toEqual([0, 0])
  })
})
