// Reminders fire once, at their time, and what became of them is recorded in the same batch.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { withLease } from '../../../src/core/lease.ts'
import { zoneDataOf } from '../../../src/core/zone-data.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { emptyTrash } from '../../../src/features/maintenance/trash.ts'
import { fireDue } from '../../../src/features/reminders/index.ts'
import { jobsOf } from '../../../src/jobs.ts'
import { startJobs } from '../../../src/runtimes/node/scheduler.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { until } from '../../support/size.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Told = { entity_id: string; type: string; user_id: string; owner_id: string; task_id: string }

describeEachDatabase('firing of reminders', (open) => {
  let world: World
  let ann: User
  let people = 0
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock() })
  })
  beforeEach(async () => {
    ann = await world.register(`Ann${people++}`)
    // Those of the tests before.
    await fire()
  })
  afterAll(() => world.close())

  const context = () => ({ ...world.deps, quotas: world.deps.config.quotas })
  const fire = () => fireDue(context())
  const at = (ms: number) => new Date(world.clock.now() + ms).toISOString()
  const task = async () => (await ann.post('/api/v1/tasks', { title: 'Sweep' })).body
  const remindIn = async (ms: number, id?: string) => {
    const trigger = { kind: 'instant', at: at(ms) }
    const answer = await ann.post(`/api/v1/tasks/${id ?? (await task()).id}/reminders`, { trigger })
    expect(answer.status, answer.text).toBe(201)
    return answer.body
  }
  const read = async (id: string) => (await ann.get(`/api/v1/reminders/${id}`)).body
  const columns = ['entity_id', 'type', 'user_id', 'owner_id', 'task_id'] as const
  /** What has become of them: not what requests did to them. */
  const settled = "('reminder.fired', 'reminder.missed')"
  const told = async (...ids: string[]) => {
    const text = `select ${columns.join(', ')} from events where type in ${settled} order by id`
    const all = await world.deps.db.all(rawQuery<Told>(text, columns))
    return all.filter(({ entity_id }) => ids.includes(entity_id))
  }
  const refresh = async () => {
    const { email, password } = ann
    const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
    ann = { ...ann, ...world.client(body.access_token) }
  }

  test('at its time and not before, with an event, and once', async () => {
    const reminder = await remindIn(MINUTE)
    expect(await fire()).toMatchObject({ fired: 0, contended: false, next: reminder.fire_at })
    world.clock.advance(MINUTE - 1)
    expect((await fire()).fired).toBe(0)
    world.clock.advance(1)
    expect((await fire()).fired).toBe(1)
    const fired = await read(reminder.id)
    expect(fired).toMatchObject({ status: 'fired', fired_at: reminder.fire_at, late: false })
    expect(fired.rev).not.toBe(reminder.rev)
    expect(await told(reminder.id)).toEqual([
      {
        entity_id: reminder.id,
        type: 'reminder.fired',
        user_id: ann.id,
        owner_id: ann.id,
        task_id: reminder.task_id,
      },
    ])
    for (let i = 0; i < 3; i++) expect((await fire()).fired).toBe(0)
  })

  test('eight at once fire each of many once, with as many events', async () => {
    const ids: string[] = []
    for (let i = 0; i < 6; i++) {
      const { id } = await task()
      for (let n = 0; n < 10; n++) ids.push((await remindIn(1_000 + n, id)).id)
    }
    world.clock.advance(MINUTE)
    for (let left = ids.length; left > 0; ) {
      const outcomes = await Promise.all(Array.from({ length: 8 }, fire))
      left -= outcomes.reduce((sum, { fired }) => sum + fired, 0)
    }
    expect((await told(...ids)).map(({ entity_id }) => entity_id).sort()).toEqual(ids.sort())
    const { body } = await ann.get('/api/v1/reminders?limit=200')
    expect(new Set(body.items.map(({ status }: { status: string }) => status))).toEqual(
      new Set(['fired']),
    )
  })

  test('late by up to a day it fires and says so; later it is missed, once that is certain', async () => {
    const [late, missed, resting] = [
      await remindIn(30 * HOUR),
      await remindIn(HOUR),
      await remindIn(HOUR),
    ]
    await ann.post(`/api/v1/tasks/${resting.task_id}/complete`)
    world.clock.advance(40 * HOUR)
    await refresh()
    await fire()
    expect(await read(late.id)).toMatchObject({ status: 'fired', late: true })
    expect(await read(missed.id)).toMatchObject({ status: 'pending' })
    await maintainFor(world, 28)
    await refresh()
    await fire()
    expect(await read(missed.id)).toMatchObject({ status: 'missed', fired_at: null, late: false })
    expect(await read(resting.id)).toMatchObject({ status: 'cancelled' })
    expect((await told(late.id, missed.id, resting.id)).map(({ type }) => type)).toEqual([
      'reminder.fired',
      'reminder.missed',
    ])
    await ann.post(`/api/v1/tasks/${resting.task_id}/reopen`)
    await fire()
    expect(await read(resting.id)).toMatchObject({ status: 'cancelled' })
  })

  test('one user’s missed reminders that cannot be settled keep no other waiting', async () => {
    const bob = await world.register(`Bob${people++}`)
    const bad = await remindIn(HOUR)
    const { body: other } = await bob.post('/api/v1/tasks', { title: 'Sweep' })
    const trigger = { kind: 'instant', at: at(2 * HOUR) }
    const { body: good } = await bob.post(`/api/v1/tasks/${other.id}/reminders`, { trigger })
    const { db } = world.deps
    const failing: typeof db = {
      ...db,
      atomic: (writes, options) =>
        writes.some(({ values }) => Object.values(values).includes(bad.id))
          ? Promise.reject(new Error('no such row'))
          : db.atomic(writes, options),
    }
    world.clock.advance(26 * HOUR)
    await maintainFor({ ...world, deps: { ...world.deps, db: failing } })
    const types = async () => (await told(bad.id, good.id)).map((event) => event.entity_id)
    expect(await types()).toEqual([good.id])
    await maintainFor(world, 1)
    expect(await types()).toEqual([good.id, bad.id])
  })

  test('a clock that is set forward and back fires none twice and loses none', async () => {
    const after = [MINUTE, HOUR, 20 * HOUR, 3 * DAY, 8 * DAY, 10 * DAY]
    const made: { id: string; fire_at: string }[] = []
    for (const ms of after) made.push(await remindIn(ms))
    const steps = [30 * MINUTE, 9 * DAY, -9 * DAY, 2 * DAY, -2 * DAY, -5 * DAY, 5 * DAY]
    for (const step of steps) {
      world.clock.advance(step)
      await fire()
      await maintainFor(world, 1)
      world.clock.advance(-HOUR)
    }
    // From here on the clock is right.
    for (let day = 0; day < 12; day++) {
      world.clock.advance(DAY - HOUR)
      await fire()
      await maintainFor(world, 1)
    }
    await refresh()
    const events = await told(...made.map(({ id }) => id))
    expect(events.map(({ entity_id }) => entity_id).sort()).toEqual(made.map(({ id }) => id).sort())
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['reminder.fired']))
    for (const { id } of made) expect((await read(id)).status).toBe('fired')
  })

  test('none fires while its task is at rest, and it does when the task is taken up again', async () => {
    const [done, trashed] = [await remindIn(HOUR), await remindIn(HOUR)]
    await ann.post(`/api/v1/tasks/${done.task_id}/complete`)
    await ann.delete(`/api/v1/tasks/${trashed.task_id}`)
    world.clock.advance(2 * HOUR)
    await refresh()
    await fire()
    expect(await told(done.id, trashed.id)).toEqual([])
    await ann.post(`/api/v1/tasks/${done.task_id}/reopen`)
    await ann.post(`/api/v1/tasks/${trashed.task_id}/restore`)
    await fire()
    expect(await told(done.id, trashed.id)).toHaveLength(2)
  })

  test('one that has fired fires again for a later time of its task, and for no other reason', async () => {
    const { body: owned } = await ann.post('/api/v1/tasks', {
      title: 'Sweep',
      due: { datetime: at(HOUR).slice(0, 19) },
    })
    const trigger = { kind: 'minutes', before: 'due', minutes: 30 }
    const path = `/api/v1/tasks/${owned.id}`
    const { body: reminder } = await ann.post(`${path}/reminders`, { trigger })
    world.clock.advance(HOUR)
    await refresh()
    await fire()
    const fired = await read(reminder.id)
    expect(fired.status).toBe('fired')
    await ann.patch(path, { title: 'Sweep well' })
    await ann.patch(path, { due: { datetime: at(-HOUR).slice(0, 19) } })
    await ann.patch('/api/v1/me', { time_zone: 'America/New_York' })
    await ann.patch(path, { due: null })
    expect(await read(reminder.id)).toEqual(fired)
    await ann.patch(path, { due: { datetime: at(DAY).slice(0, 19) } })
    expect((await read(reminder.id)).status).toBe('pending')
    const again = await ann.patch(`/api/v1/reminders/${reminder.id}`, {
      trigger: { kind: 'instant', at: at(-1) },
    })
    expect(again.body.status).toBe('pending')
    await fire()
    expect(await told(reminder.id)).toHaveLength(2)
  })

  test('a process that serves fires what is set while it waits, and ends with its signal', async () => {
    const ended = new AbortController()
    const jobs = jobsOf(world.deps, () => zoneDataOf(undefined))
    startJobs(
      jobs.filter(({ name }) => name === 'reminders'),
      world.deps,
      ended,
    )
    const soon = await remindIn(-1)
    await until(async () => (await read(soon.id)).status === 'fired')
    ended.abort()
    const later = await remindIn(-1)
    expect((await read(later.id)).status).toBe('pending')
  })

  test('the account and the task take their reminders and events along', async () => {
    const [one, two] = [await remindIn(1), await remindIn(1)]
    world.clock.advance(MINUTE)
    await fire()
    await ann.delete(`/api/v1/tasks/${one.task_id}`)
    const observed = { confirmed: world.clock.now() + 2 * DAY, looks: [] }
    const actor = { kind: 'system', userId: '', subject: '' } as const
    await withLease(context(), 'maintenance', {
      work: (lease) => emptyTrash({ ...context(), actor, lease, observed }, 1),
    })
    expect((await ann.get(`/api/v1/reminders/${one.id}`)).status).toBe(404)
    expect((await ann.get(`/api/v1/reminders/${two.id}`)).status).toBe(200)
    const logged = `select count(*) from changes where entity = 'reminder' and entity_id in ('${one.id}', '${two.id}')`
    expect(Number((await world.deps.db.one(rawQuery<{ n: number }>(logged, ['n'])))?.n)).toBe(1)
    expect((await ann.send('DELETE', '/api/v1/me', { password: ann.password })).status).toBe(204)
    expect(await told(two.id)).toEqual([])
    const left = `select count(*) from reminders where id = '${two.id}'`
    expect(Number((await world.deps.db.one(rawQuery<{ n: number }>(left, ['n'])))?.n)).toBe(0)
  })
})
