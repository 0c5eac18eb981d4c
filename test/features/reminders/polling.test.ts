// A client that polls sees what has fired since, and what fires waits for no other look than its own.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fireDue } from '../../../src/features/reminders/index.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const MINUTE = 60_000
let world: World
let ann: User
let people = 0
let heard: string[] = []
beforeAll(async () => {
  world = await createWorld({ clock: stillClock() })
  world.deps.alarm.hear((at) => heard.push(at))
})
beforeEach(async () => {
  ann = await world.register(`Ann${people++}`)
  heard = []
})
afterAll(() => world.close())

const fire = () => fireDue({ ...world.deps, quotas: world.deps.config.quotas })
const at = (ms: number) => new Date(world.clock.now() + ms).toISOString()
const make = async (more: object = {}) =>
  (await ann.post('/api/v1/tasks', { title: 'Sweep', ...more })).body
const remindIn = async (ms: number, task: string) =>
  (await ann.post(`/api/v1/tasks/${task}/reminders`, { trigger: { kind: 'instant', at: at(ms) } }))
    .body
const fired = async (query: string): Promise<string[]> =>
  (await ann.get(`/api/v1/reminders?${query}`)).body.items.map(({ id }: { id: string }) => id)

test('what fired late is found by when it fired, page by page', async () => {
  const { id } = await make()
  const early = await remindIn(MINUTE, id)
  const late = await remindIn(2 * MINUTE, id)
  world.clock.advance(MINUTE)
  await fire()
  const looked = at(1)
  world.clock.advance(9 * MINUTE)
  await fire()
  expect(await fired(`from=${looked}&until=${at(1)}`)).toEqual([late.id])
  world.clock.advance(1)
  const again = at(-MINUTE)
  expect(await fired(`from=${again}`)).toEqual([])
  expect(await fired(`fired_since=${again}`)).toEqual([late.id])
  expect(await fired(`fired_since=${at(1)}`)).toEqual([])
  const first = (await ann.get(`/api/v1/reminders?fired_since=${at(-11 * MINUTE)}&limit=1`)).body
  expect(first.items[0].id).toBe(early.id)
  const next = `limit=1&cursor=${encodeURIComponent(first.next_cursor)}`
  expect(await fired(`fired_since=${at(-11 * MINUTE)}&${next}`)).toEqual([late.id])
  expect((await ann.get(`/api/v1/reminders?${next}`)).status).toBe(422)
})

const DAY = 24 * 60 * MINUTE
const day = (ms: number) => at(ms).slice(0, 10)
/** Brings a task to rest, and back. */
type Way = (
  task: string,
) => Promise<readonly [rest: () => Promise<unknown>, back: () => Promise<unknown>]>
const path = (id: string) => `/api/v1/tasks/${id}`
const ways: Record<string, Way> = {
  reopen: async (id) => [
    () => ann.post(`${path(id)}/complete`),
    () => ann.post(`${path(id)}/reopen`),
  ],
  restore: async (id) => [
    () => ann.send('DELETE', path(id)),
    () => ann.post(`${path(id)}/restore`),
  ],
  'a status that is patched': async (id) => [
    () => ann.patch(path(id), { status: 'cancelled' }),
    () => ann.patch(path(id), { status: 'in_progress' }),
  ],
  'a change by filter': async (id) => [
    () => ann.post(`${path(id)}/complete`),
    () =>
      ann.post('/api/v1/tasks/bulk', {
        filter: { status: ['completed'] },
        change: { action: 'reopen' },
      }),
  ],
  'its parent that is reopened': async (id) => {
    const parent = await make()
    await ann.post(`${path(id)}/move`, { parent_id: parent.id })
    return [
      () => ann.post(`${path(parent.id)}/complete`),
      () => ann.post(`${path(parent.id)}/reopen`),
    ]
  },
  'its parent that is restored': async (id) => {
    const parent = await make()
    await ann.post(`${path(id)}/move`, { parent_id: parent.id })
    return [() => ann.send('DELETE', path(parent.id)), () => ann.post(`${path(parent.id)}/restore`)]
  },
  'its parent that comes to its next occurrence': async (id) => {
    const parent = await make({
      due: { date: day(DAY) },
      recurrence: { rule: 'FREQ=DAILY', anchor: 'due' },
    })
    await ann.post(`${path(id)}/move`, { parent_id: parent.id })
    return [() => ann.post(`${path(id)}/complete`), () => ann.post(`${path(parent.id)}/complete`)]
  },
}
test.each(Object.entries(ways))('%s wakes what fires', async (_name, way) => {
  const { id } = await make()
  const [rest, back] = await way(id)
  const reminder = await remindIn(MINUTE, id)
  await rest()
  world.clock.advance(2 * MINUTE)
  expect((await fire()).fired).toBe(0)
  heard = []
  await back()
  expect(heard).toContain(at(0))
  expect((await fire()).fired).toBe(1)
  expect((await ann.get(`/api/v1/reminders/${reminder.id}`)).body.status).toBe('fired')
})

test('an occurrence that is undone wakes what fires', async () => {
  const { id } = await make({ due: { date: day(DAY) }, recurrence: { rule: 'FREQ=DAILY' } })
  await remindIn(MINUTE, id)
  await ann.post(`${path(id)}/complete`)
  world.clock.advance(2 * MINUTE)
  expect((await fire()).fired).toBe(0)
  heard = []
  await ann.post(`${path(id)}/reopen`)
  expect(heard.some((instant) => instant <= at(0))).toBe(true)
  expect((await fire()).fired).toBe(1)
})
