// Times of tasks and the zone of their user, as they come over HTTP: none of them is answered 500.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isTimeZone } from '../../../src/core/time-zones.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describeEachDatabase('times of tasks', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock(Date.UTC(2026, 9, 24, 23, 30)) })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const zones = [
    ...[
      'CST',
      'IST',
      'PST',
      'EST',
      'MST7MDT',
      'GMT0',
      'US/Pacific-New',
      'europe/berlin',
      'Factory',
    ],
    ...[
      '+05:30',
      '-0930',
      '+14',
      '-00:00',
      'Etc/GMT+7',
      'Etc/GMT-14',
      'Asia/Calcutta',
      'SystemV/AST4',
    ],
    ...[
      'UTC+3',
      '',
      'Z',
      '+24:00',
      '+05:30:15',
      '東京',
      'UTC\0',
      'A'.repeat(10_240),
      'constructor',
    ],
    ...['2026-01-01T00:00[Europe/Berlin]', 'T1230Z', 'Europe/Berlin '],
  ]

  test('a zone is taken everywhere or nowhere', async () => {
    const { body: task } = await ann.post('/api/v1/tasks', {
      title: 'a',
      due: { datetime: '2026-12-01T09:00:00' },
    })
    for (const zone of zones) {
      const [ok, made] = isTimeZone(zone) ? [200, 201] : [422, 422]
      const time = { datetime: '2026-12-01T09:00:00', time_zone: zone }
      const shown = JSON.stringify(zone.slice(0, 40))
      for (const field of ['due', 'start']) {
        const body = { title: 'a', [field]: time }
        const post = await ann.post('/api/v1/tasks', body)
        expect(post.status, `POST ${field} ${shown}`).toBe(made)
        if (post.status === 201) expect(post.body[field]).toMatchObject(time)
        const path = `/api/v1/tasks/${task.id}`
        expect((await ann.put(path, body, { 'If-Match': '*' })).status, `PUT ${shown}`).toBe(ok)
        expect((await ann.patch(path, { [field]: time })).status, `PATCH ${shown}`).toBe(ok)
        expect((await ann.patch(path, { [field]: { time_zone: zone } })).status).toBe(ok)
      }
      const me = await ann.patch('/api/v1/me', { time_zone: zone })
      expect(me.status, `PATCH /me ${shown}`).toBe(ok)
      if (me.status === 422) expect(me.body.errors[0].code).toBe('time_zone')
      const queries = ['overdue=true', 'overdue=false', 'due_before=2026-12-01T09:00:00Z']
      for (const query of [
        ...queries,
        'due_after=2026-12-01T09:00:00%2B05:30',
        'due_before=2026-12-01',
      ])
        expect((await ann.get(`/api/v1/tasks?${query}`)).status, `${query} ${shown}`).toBe(200)
    }
    await ann.patch('/api/v1/me', { time_zone: 'UTC' })
  })

  test('a fixed offset is calculated with', async () => {
    const due = { datetime: '2026-12-01T09:00:00', time_zone: '+05:30' }
    const { body: task } = await ann.post('/api/v1/tasks', { title: 'offset', due })
    const listed = async (query: string) =>
      (await ann.get(`/api/v1/tasks?limit=200&${query}`)).body.items.some(
        ({ id }: { id: string }) => id === task.id,
      )
    expect(await listed('due_before=2026-12-01T03:30:00Z')).toBe(false)
    expect(await listed('due_before=2026-12-01T03:30:00.001Z')).toBe(true)
  })

  test('the seconds of a wall clock may be left out', async () => {
    const full = { datetime: '2026-12-01T09:00:00' }
    for (const zone of [{}, { time_zone: 'Asia/Tokyo' }]) {
      const time = { datetime: '2026-12-01T09:00', ...zone }
      const { status, body } = await ann.post('/api/v1/tasks', {
        title: 'a',
        due: time,
        start: time,
      })
      expect(status).toBe(201)
      expect([body.due, body.start]).toMatchObject([
        { ...full, ...zone },
        { ...full, ...zone },
      ])
      const path = `/api/v1/tasks/${body.id}`
      const due = { datetime: '2026-12-24T18:30' }
      expect((await ann.patch(path, { due })).body.due.datetime).toBe('2026-12-24T18:30:00')
      const put = await ann.put(path, { title: 'a', due: time }, { 'If-Match': '*' })
      expect(put.body.due).toMatchObject({ ...full, ...zone })
    }
    const others = [
      'T09',
      'T09:0',
      'T9:00',
      'T24:00',
      'T09:60',
      'T09:00Z',
      'T09:00+01:00',
      'T09:00:',
    ]
    for (const time of [...others, ' 09:00', 't09:00', 'T09:00:00.5', 'T0900', 'T09:00 ']) {
      const due = { datetime: `2026-12-01${time}` }
      expect((await ann.post('/api/v1/tasks', { title: 'a', due })).status, time).toBe(422)
    }
  })

  test('years that no database stores are refused, and the answer says which are taken', async () => {
    const { body: task } = await ann.post('/api/v1/tasks', { title: 'a' })
    const path = `/api/v1/tasks/${task.id}`
    const refused = async (
      answer: Promise<{ status: number; body: any; text: string }>,
      what: string,
    ) => {
      const { status, body, text } = await answer
      expect(status, `${what} ${text}`).toBe(422)
      expect(body.errors[0], what).toMatchObject({ code: 'range' })
      expect(body.errors[0].detail, what).toMatch(/1000 to 9998/)
    }
    const days = [
      '9999-01-01',
      '9999-12-31',
      '0999-12-31',
      '0000-01-01',
      '10000-01-01',
      '+010000-01-01',
    ]
    for (const day of [...days, '-000001-01-01', '275760-09-13', '99999-01-01']) {
      for (const field of ['due', 'start']) {
        const times = [{ date: day }, { datetime: `${day}T09:00:00` }, { datetime: `${day}T09:00` }]
        for (const time of [...times, { datetime: `${day}T09:00:00`, time_zone: 'Asia/Tokyo' }]) {
          await refused(ann.post('/api/v1/tasks', { title: 'a', [field]: time }), `POST ${day}`)
          await refused(ann.patch(path, { [field]: time }), `PATCH ${day}`)
        }
      }
      const instant = `${day}T00:00:00Z`
      for (const query of [`due_before=${day}`, `due_after=${instant}`, `updated_since=${instant}`])
        await refused(ann.get(`/api/v1/tasks?${query.replace('+', '%2B')}`), query)
      const key = { name: 'a', scopes: ['tasks:read'], expires_at: instant }
      await refused(ann.post('/api/v1/api-keys', key), `expires_at ${day}`)
    }
    for (const datetime of ['9998-12-31T23:59:59', '1000-01-01T00:00:00'])
      for (const time_zone of ['Etc/GMT+12', 'Pacific/Kiritimati', '-12:00', '+14:00', '+23:59']) {
        const due = { datetime, time_zone }
        const { status, body } = await ann.post('/api/v1/tasks', { title: 'a', due })
        expect([status, body.due], time_zone).toMatchObject([201, due])
        expect((await ann.get(`/api/v1/tasks/${body.id}`)).body.due).toMatchObject(due)
      }
    for (const query of ['due_before=9998-12-31T23:59:59Z', 'due_after=1000-01-01T00:00:00Z'])
      for (const time_zone of ['Pacific/Kiritimati', '-12:00']) {
        await ann.patch('/api/v1/me', { time_zone })
        expect((await ann.get(`/api/v1/tasks?${query}`)).status).toBe(200)
      }
  })

  test('what is overdue stays so in the autumn overlap, and what is due before an instant too', async () => {
    const ben = await world.register('Ben')
    await ben.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
    const walls = ['01:59', '02:00', '02:15', '02:30', '02:59', '03:00', '03:30']
    for (const wall of walls) {
      const due = { datetime: `2026-10-25T${wall}` }
      expect((await ben.post('/api/v1/tasks', { title: wall, due })).status).toBe(201)
    }
    for (const date of ['2026-10-24', '2026-10-25', '2026-10-26'])
      await ben.post('/api/v1/tasks', { title: date, due: { date } })
    const titles = async (query: string): Promise<string[]> =>
      (await ben.get(`/api/v1/tasks?${query}`)).body.items.map(({ title }: any) => title)
    let before: string[] = []
    let beforeInstant: string[] = []
    // From half past one to half past four, the hour from two to three twice.
    for (let minute = 0; minute <= 240; minute += 5) {
      const overdue = await titles('overdue=true')
      const not = await titles('overdue=false')
      expect([...overdue, ...not]).toHaveLength(10)
      expect(
        before.filter((title) => !overdue.includes(title)),
        `minute ${minute}`,
      ).toEqual([])
      const instant = new Date(world.clock.now()).toISOString()
      const due = await titles(`due_before=${instant}`)
      expect([...due, ...(await titles(`due_after=${instant}`))]).toHaveLength(10)
      expect(beforeInstant.filter((title) => !due.includes(title))).toEqual([])
      before = overdue
      beforeInstant = due
      world.clock.advance(5 * MINUTE)
      if (minute % 10 === 0) await refresh(ben)
    }
    expect(before.sort()).toEqual([...walls, '2026-10-24'].sort())
    world.clock.advance(-4 * HOUR)
  })

  const refresh = async (user: User) => {
    const { email, password } = user
    const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
    Object.assign(user, world.client(body.access_token))
  }
})
