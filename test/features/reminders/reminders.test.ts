// Setting reminders for tasks, and how they follow the times of their tasks and their users.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

describeEachDatabase('reminders', (open) => {
  let world: World
  let ann: User
  let people = 0
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 4 } })
  })
  beforeEach(async () => {
    ann = await world.register(`Ann${people++}`)
    await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
  })
  afterAll(() => world.close())

  const task = async (more: object = {}) => {
    const answer = await ann.post('/api/v1/tasks', { title: 'Sweep', ...more })
    expect(answer.status, answer.text).toBe(201)
    return answer.body
  }
  const remind = async (id: string, trigger: object) => {
    const answer = await ann.post(`/api/v1/tasks/${id}/reminders`, { trigger })
    expect(answer.status, answer.text).toBe(201)
    return answer.body
  }
  const read = async (id: string) => (await ann.get(`/api/v1/reminders/${id}`)).body
  const of = async (id: string) => (await ann.get(`/api/v1/tasks/${id}/reminders`)).body.items
  const due = { datetime: '2026-12-10T09:00:00', time_zone: 'America/New_York' }
  const minutes = (count: number, before = 'due') => ({ kind: 'minutes', before, minutes: count })
  const days = (count: number, time: string | null = null, before = 'due') => ({
    kind: 'days',
    before,
    days: count,
    time,
  })

  test('each kind of trigger has the instant that people mean', async () => {
    const zoned = await task({ due })
    const day = await task({ due: { date: '2026-12-10' }, start: { datetime: '2026-12-08T07:30' } })
    const fireAt = async (id: string, trigger: object) => (await remind(id, trigger)).fire_at
    const cases: [string, object, string][] = [
      [zoned.id, { kind: 'instant', at: '2026-12-01T10:00:00+02:00' }, '2026-12-01T08:00:00.000Z'],
      [zoned.id, { kind: 'day', date: '2026-12-01' }, '2026-12-01T08:00:00.000Z'],
      [zoned.id, { kind: 'floating', datetime: '2026-12-01T18:00' }, '2026-12-01T17:00:00.000Z'],
      [
        zoned.id,
        { kind: 'zoned', datetime: '2026-12-01T18:00', time_zone: 'Asia/Tokyo' },
        '2026-12-01T09:00:00.000Z',
      ],
      [zoned.id, minutes(30), '2026-12-10T13:30:00.000Z'],
      [zoned.id, minutes(-30), '2026-12-10T14:30:00.000Z'],
      [zoned.id, days(1), '2026-12-09T14:00:00.000Z'],
      [zoned.id, days(1, '18:00'), '2026-12-09T23:00:00.000Z'],
      [day.id, days(0), '2026-12-10T08:00:00.000Z'],
      [day.id, days(1, '18:00'), '2026-12-09T17:00:00.000Z'],
      [day.id, minutes(90), '2026-12-10T06:30:00.000Z'],
      [day.id, minutes(15, 'start'), '2026-12-08T06:15:00.000Z'],
      [day.id, days(-1, null, 'start'), '2026-12-09T06:30:00.000Z'],
    ]
    for (const [id, trigger, expected] of cases)
      expect(await fireAt(id, trigger), JSON.stringify(trigger)).toBe(expected)
    const none = await remind((await task()).id, minutes(30))
    expect([none.fire_at, none.status]).toEqual([null, 'unscheduled'])
  })

  test('it follows the due and the start of its task, in a revision of its own', async () => {
    const { id } = await task({ due })
    const [before, own] = [
      await remind(id, minutes(30)),
      await remind(id, { kind: 'day', date: '2026-12-01' }),
    ]
    await ann.patch(`/api/v1/tasks/${id}`, { due: { datetime: '2026-12-11T09:00' } })
    const after = await read(before.id)
    expect(after).toMatchObject({ fire_at: '2026-12-11T13:30:00.000Z', status: 'pending' })
    expect(after.rev).not.toBe(before.rev)
    expect(await read(own.id)).toEqual(own)
    await ann.patch(`/api/v1/tasks/${id}`, { due: { time_zone: 'Europe/Berlin' } })
    expect((await read(before.id)).fire_at).toBe('2026-12-11T07:30:00.000Z')
    await ann.patch(`/api/v1/tasks/${id}`, { due: null })
    expect(await read(before.id)).toMatchObject({ fire_at: null, status: 'unscheduled' })
    const { body } = await ann.get(`/api/v1/tasks/${id}`)
    const put = await ann.put(
      `/api/v1/tasks/${id}`,
      { ...body, due: { date: '2026-12-20' } },
      { 'If-Match': '*' },
    )
    expect(put.status, put.text).toBe(200)
    expect(await read(before.id)).toMatchObject({
      fire_at: '2026-12-20T07:30:00.000Z',
      status: 'pending',
    })
  })

  test('it follows the zone of its user and the clock for days, also where there are many', async () => {
    const ids = []
    for (let i = 0; i < 5; i++) ids.push((await task({ due: { date: '2026-12-10' } })).id)
    const zoned = await remind((await task({ due })).id, minutes(30))
    for (const count of [1, 9]) {
      const some = ids.slice(0, count === 1 ? 1 : 5)
      for (const id of some) await remind(id, days(0))
      const patched = await ann.patch('/api/v1/me', {
        time_zone: count === 1 ? 'Asia/Tokyo' : 'UTC',
        reminder_time: count === 1 ? '07:00' : '10:15',
      })
      expect(patched.status, patched.text).toBe(200)
      expect(patched.body.reminder_time).toBe(count === 1 ? '07:00' : '10:15')
      for (const id of some)
        for (const { fire_at } of await of(id))
          expect(fire_at).toBe(
            count === 1 ? '2026-12-09T22:00:00.000Z' : '2026-12-10T10:15:00.000Z',
          )
      expect(await read(zoned.id)).toEqual(zoned)
    }
    expect((await ann.get('/api/v1/me')).body.running).toEqual([])
  })

  test('a task that comes to rest cancels it, and one that is taken up again brings it back', async () => {
    const { id } = await task({ due })
    const reminder = await remind(id, minutes(30))
    const path = `/api/v1/reminders/${reminder.id}`
    for (const [end, begin] of [
      [
        () => ann.post(`/api/v1/tasks/${id}/complete`),
        () => ann.post(`/api/v1/tasks/${id}/reopen`),
      ],
      [() => ann.delete(`/api/v1/tasks/${id}`), () => ann.post(`/api/v1/tasks/${id}/restore`)],
      [
        () => ann.patch(`/api/v1/tasks/${id}`, { status: 'cancelled' }),
        () => ann.patch(`/api/v1/tasks/${id}`, { status: 'in_progress' }),
      ],
    ] as const) {
      await end()
      const cancelled = await ann.get(path)
      expect(cancelled.body).toEqual({
        ...reminder,
        status: 'cancelled',
        rev: expect.not.stringMatching(reminder.rev),
      })
      // What it shows has another tag, so that no client keeps what was.
      const again = await ann.send('GET', path, undefined, {
        'If-None-Match': `"${cancelled.body.rev}"`,
      })
      expect(again.status).toBe(304)
      await begin()
      expect(await read(reminder.id)).toEqual(reminder)
    }
  })

  test('its trigger can be changed, at the revision that the client names', async () => {
    const reminder = await remind((await task({ due })).id, minutes(30))
    const path = `/api/v1/reminders/${reminder.id}`
    const change = { trigger: minutes(60) }
    const first = await ann.patch(path, change, { 'If-Match': `"${reminder.rev}"` })
    expect(first.body).toMatchObject({ ...change, fire_at: '2026-12-10T13:00:00.000Z' })
    expect(first.headers.get('ETag')).toBe(`"${first.body.rev}"`)
    expect((await ann.patch(path, change, { 'If-Match': `"${reminder.rev}"` })).status).toBe(412)
    expect((await ann.patch(path, change)).body).toEqual(first.body)
    expect((await ann.delete(path, { 'If-Match': `"${reminder.rev}"` })).status).toBe(412)
    expect((await ann.delete(path)).status).toBe(204)
    expect((await ann.get(path)).status).toBe(404)
  })

  test('a list by time, page by page, between two instants', async () => {
    const { id } = await task({ due })
    for (let i = 5; i > 0; i--) await remind(id, minutes(10 * Math.ceil(i / 2)))
    await remind((await task()).id, minutes(30))
    const pages: string[] = []
    let path = '/api/v1/reminders?limit=2&until=2026-12-10T13:51:00Z'
    for (;;) {
      const { body, status } = await ann.get(path)
      expect(status).toBe(200)
      pages.push(...body.items.map((item: { fire_at: string }) => item.fire_at.slice(11, 16)))
      if (body.next_cursor === null) break
      path = `/api/v1/reminders?limit=2&until=2026-12-10T13:51:00Z&cursor=${body.next_cursor}`
    }
    expect(pages).toEqual(['13:30', '13:40', '13:40', '13:50', '13:50'])
    const { body } = await ann.get(
      '/api/v1/reminders?from=2026-12-10T13:40:00Z&until=2026-12-10T13:50:00Z',
    )
    expect(body.items).toHaveLength(2)
    const bad = await ann.get(`/api/v1/reminders?cursor=${btoa('["1","2","3"]')}`)
    expect(bad.status).toBe(422)
  })

  test('there are limits, and what is refused is told', async () => {
    const { id } = await task({ due })
    const post = (trigger: object) => ann.post(`/api/v1/tasks/${id}/reminders`, { trigger })
    for (const trigger of [
      { kind: 'instant', at: 'tomorrow' },
      { kind: 'day', date: '2026-02-30' },
      { kind: 'days', before: 'due', days: 367 },
      { kind: 'days', before: 'due', days: 1, time: '24:00' },
      { kind: 'minutes', before: 'end', minutes: 1 },
      { kind: 'minutes', before: 'due', minutes: 0.5 },
      { kind: 'never' },
    ]) {
      const { status, body } = await post(trigger)
      expect([status, body.code], JSON.stringify(trigger)).toEqual([422, 'invalid'])
    }
    const tries = await Promise.all(Array.from({ length: 23 }, (_, i) => post(minutes(i))))
    expect(tries.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(tries.filter(({ body }) => body.code === 'quota_exceeded')).toHaveLength(3)
    await ann.delete(`/api/v1/tasks/${id}`)
    expect((await post(minutes(1))).body.code).toBe('trashed')
  })

  test('what changes at the same moment leaves no reminder at a time that is not its own', async () => {
    const { id } = await task({ due: { date: '2026-12-10' } })
    await Promise.all([
      ...Array.from({ length: 5 }, (_, i) => remind(id, days(i))),
      ann.patch(`/api/v1/tasks/${id}`, { due: { date: '2026-12-20' } }),
      ann.patch('/api/v1/me', { time_zone: 'Asia/Tokyo' }),
    ])
    const found = (await of(id)).map((one: { trigger: { days: number }; fire_at: string }) => [
      one.trigger.days,
      one.fire_at,
    ])
    expect(found.sort()).toEqual(
      Array.from({ length: 5 }, (_, i) => [i, `2026-12-${20 - i}T00:00:00.000Z`]),
    )
  })
})
