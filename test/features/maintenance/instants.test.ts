// Instants are derived again when time zone data changes, also where runtimes with different data
// share a database.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLog } from '../../../src/core/log.ts'
import { type ZoneData, zoneDataOf } from '../../../src/core/zone-data.ts'
import { compile, rawQuery, write } from '../../../src/db/statement.ts'
import { deriveInstants } from '../../../src/features/maintenance/index.ts'
import { lookFrom } from '../../../src/features/maintenance/zone-data.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
const data = (version: string): ZoneData => ({ id: version, version })
const unnamed = (id: string): ZoneData => ({ id, version: undefined })

let bases = 0

describeEachDatabase('instants of tasks', (open) => {
  let world: World
  let ann: User
  let said: { message: string; time_zone?: string; tasks?: number }[] = []
  beforeAll(async () => {
    const clock = stillClock()
    const log = createLog('info', (line) => said.push(JSON.parse(line)), clock)
    world = await createWorld({ open, clock, log, bulk: { rows: 3 } })
  })
  beforeEach(async () => {
    await raw("delete from settings where name >= 'zone_data/' and name < 'zone_data0'")
    ann = await world.register(`Ann${people++}`)
    said = []
  })
  afterAll(() => world.close())

  let people = 0
  const raw = (text: string) =>
    world.deps.db.atomic([write(compile({ toSQL: () => ({ sql: text, params: [] }) }), {})])
  const run = (zoneData: ZoneData, { starting = false } = {}) =>
    deriveInstants({ ...world.deps, quotas: world.deps.config.quotas }, { zoneData, starting })
  const make = async (more: object) => {
    const answer = await ann.post('/api/v1/tasks', { title: 'a', ...more })
    expect(answer.status, answer.text).toBe(201)
    return answer.body
  }
  const berlin = (datetime: string) => ({ datetime, time_zone: 'Europe/Berlin' })
  /** As a runtime with other rules for the zone would have derived it: an hour later. */
  const otherwise = ({ id }: { id: string }, column = 'due_at') => {
    const later = {
      sqlite: `${column} + 3600000`,
      postgres: `${column} + interval '1 hour'`,
      mysql: `date_add(${column}, interval 1 hour)`,
    }[world.deps.db.dialect.name]
    return raw(`update tasks set ${column} = ${later} where id = '${id}'`)
  }
  const instants = async ({ id }: { id: string }) => {
    const text = `select due_at, start_at from tasks where id = '${id}'`
    const row = await world.deps.db.one(rawQuery<{ d: unknown; s: unknown }>(text, ['d', 's']))
    return [String(row?.d), String(row?.s)]
  }
  const dueBefore = async (instant: string) =>
    (await ann.get(`/api/v1/tasks?due_before=${instant}`)).body.items.map(
      (task: { id: string }) => task.id,
    )

  test('a due that other data made is found again by its instant, and its task does not change', async () => {
    const task = await make({ due: berlin('2027-03-01T09:00:00') })
    await run(data('2026b'))
    await otherwise(task)
    expect(await dueBefore('2027-03-01T08:30:00Z')).toEqual([])
    await run(data('2026b'))
    expect(await dueBefore('2027-03-01T08:30:00Z'), 'the same data').toEqual([])
    const seq = 'select seq from users'
    const before = await world.deps.db.all(rawQuery<{ n: number }>(seq, ['n']))
    await run(data('2026c'))
    expect(await dueBefore('2027-03-01T08:30:00Z')).toEqual([task.id])
    expect((await ann.get(`/api/v1/tasks/${task.id}`)).body).toEqual(task)
    expect(await world.deps.db.all(rawQuery<{ n: number }>(seq, ['n']))).toEqual(before)
    expect(said.find(({ message }) => /derived again/.test(message))?.tasks).toBe(1)
  })

  test('all that are to come are: starts, the trash, more than a page; not days, floating times and the past', async () => {
    await run(data('2026b'))
    const made = []
    for (let i = 0; i < 11; i++)
      made.push(
        await make({
          due: berlin('2027-03-01T09:00:00'),
          start: { datetime: '2027-02-01T09:00', time_zone: '+05:30' },
        }),
      )
    const right = await Promise.all(made.map(instants))
    const past = await make({ due: berlin('2026-01-01T09:00:00') })
    const day = await make({ due: { date: '2027-03-01' } })
    for (const task of made) {
      await otherwise(task)
      await otherwise(task, 'start_at')
    }
    await otherwise(past)
    const wrong = await instants(past)
    await ann.delete(`/api/v1/tasks/${made[0].id}`)
    await run(data('2026c'))
    expect(await Promise.all(made.map(instants))).toEqual(right)
    expect(await instants(past)).toEqual(wrong)
    expect(await instants(day)).toEqual(['null', 'null'])
  })

  test('what an older runtime writes beside the newer one is derived again within the hour', async () => {
    await run(data('2026c'))
    for (let round = 0; round < 3; round++) {
      await run(data('2026b'))
      const task = await make({ due: berlin('2027-03-01T09:00:00') })
      const right = await instants(task)
      await otherwise(task)
      const wrong = await instants(task)
      await run(data('2026b'))
      expect(await instants(task), 'the older one leaves it').toEqual(wrong)
      world.clock.advance(HOUR)
      await refresh()
      await run(data('2026c'))
      expect(await instants(task)).toEqual(right)
    }
  })

  test('a zone that this runtime does not know keeps its instant, is read as UTC, and is told', async () => {
    const task = await make({ due: berlin('2027-03-01T09:00:00') })
    const before = await instants(task)
    // Another one on each database: a process tells of each once.
    const zone = `Mars/Base${bases++}`
    await raw(`update tasks set due_zone = '${zone}' where id = '${task.id}'`)
    await raw(`update users set time_zone = '${zone}' where id = '${ann.id}'`)
    await run(data('2026c'))
    expect(await instants(task)).toEqual(before)
    expect(said.filter(({ time_zone }) => time_zone === zone)).toHaveLength(1)
    said = []
    const read = await ann.get(`/api/v1/tasks/${task.id}`)
    expect(read.body.due).toEqual({
      kind: 'zoned',
      datetime: '2027-03-01T09:00:00',
      time_zone: 'UTC',
    })
    expect(said.filter(({ time_zone }) => time_zone === zone)).toHaveLength(1)
    for (const query of ['overdue=true', 'due_before=2027-03-01T00:00:00Z', 'sort=due'])
      expect((await ann.get(`/api/v1/tasks?${query}`)).status).toBe(200)
    expect((await ann.get('/api/v1/me')).body.time_zone).toBe('UTC')
    // GET, edit, PUT; and a patch of something else: the zone is there for those who know it.
    const put = await ann.put(
      `/api/v1/tasks/${task.id}`,
      { ...read.body, title: 'b', labels: ['new'] },
      { 'If-Match': '*' },
    )
    expect(put.status, put.text).toBe(200)
    expect((await ann.patch('/api/v1/me', { name: 'Annie' })).body.time_zone).toBe('UTC')
    const stored = `select due_zone, (select time_zone from users where id = '${ann.id}') from tasks where id = '${task.id}'`
    expect(await world.deps.db.one(rawQuery(stored, ['due', 'user']))).toEqual({
      due: zone,
      user: zone,
    })
    const patched = await ann.patch(`/api/v1/tasks/${task.id}`, {
      due: { datetime: '2027-03-02T09:00' },
    })
    expect(patched.body.due).toEqual({
      kind: 'zoned',
      datetime: '2027-03-02T09:00:00',
      time_zone: 'UTC',
    })
    expect((await ann.patch('/api/v1/me', { time_zone: 'UTC' })).status).toBe(200)
  })

  /** A token lives for a quarter of an hour. */
  const refresh = async () => {
    const { email, password } = ann
    const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
    ann = { ...ann, ...world.client(body.access_token) }
  }
})

test('the newest data wins, and whoever is alone in the end', () => {
  const now = Date.UTC(2026, 10, 23)
  const look = (
    mine: ZoneData,
    derived: ZoneData,
    {
      seen = 0,
      others = {},
      starting = false,
    }: { seen?: number; others?: object; starting?: boolean },
  ) =>
    lookFrom(
      {
        derived: { ...derived, at: now - HOUR },
        seen: new Map([
          [derived.id, now - seen],
          ...(Object.entries(others) as [string, number][]),
        ]),
      },
      { mine, now, starting },
    )
  const [old, newer, bun, deno] = [data('2025z'), data('2026a'), unnamed('b'), unnamed('d')]
  expect(
    lookFrom({ derived: undefined, seen: new Map() }, { mine: old, now, starting: true }),
  ).toBe(0)
  expect(look(newer, newer, {}), 'nothing changed').toBeUndefined()
  expect(look(newer, old, {}), 'newer').toBe(0)
  expect(look(old, newer, { starting: true }), 'older').toBeUndefined()
  expect(look(newer, bun, {}), 'known against unknown').toBe(0)
  expect(look(bun, newer, { starting: true }), 'unknown against known').toBeUndefined()
  expect(look(deno, bun, {}), 'unknown both').toBeUndefined()
  expect(look(deno, bun, { starting: true }), 'unknown both, at a start').toBe(0)
  for (const mine of [old, bun]) {
    expect(look(mine, newer, { seen: 47 * HOUR }), 'in use').toBeUndefined()
    expect(look(mine, newer, { seen: 49 * HOUR }), 'out of use').toBe(0)
  }
  expect(look(newer, newer, { others: { b: now } }), 'others write').toBe(now - HOUR - DAY)
  expect(look(newer, newer, { others: { b: now - 9 * HOUR } }), 'they ended').toBeUndefined()
})

test('the data of a runtime has a version or a fingerprint, the same each time', async () => {
  const versioned = await zoneDataOf('2026c')
  const again = await zoneDataOf(undefined)
  expect(again.id).toMatch(/^[0-9a-f]{16}$/)
  expect(await zoneDataOf(undefined)).toEqual(again)
  if (!('Temporal' in globalThis)) expect(versioned).toEqual(data('2026c'))
})
