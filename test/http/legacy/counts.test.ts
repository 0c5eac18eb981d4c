// Dashboards of the family: the database counts, by one statement each, however many tasks there are.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDefault } from '../../support/databases.ts'
import { type Recording, recorded } from '../../support/recording.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let take: () => Recording
beforeAll(async () => {
  const opened = await openDefault()
  const recording = recorded(opened.db)
  take = recording.take
  world = await createWorld({
    open: async () => ({ ...opened, db: recording.db }),
  })
})
afterAll(() => world.close())

/** Statements that read tasks or their labels. */
const readsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
  take()
  await act()
  return take()
    .reads.map(({ text }) => text)
    .filter((text) => /\b(from|join) [`"]?(tasks|labels|task_labels)\b/.test(text))
}

test('/stats and /tags read by one statement each; what is in the trash does not count', async () => {
  const ann = await world.register('Ann')
  const kinds = [
    { status: 'pending', priority: 'low', due: { date: '2020-02-29' }, labels: ['ä', 'b'] },
    { status: 'in_progress', due: { datetime: '2020-02-29T10:00:00' }, labels: ['b'] },
    { status: 'in_progress', priority: 'low', due: { date: '2099-01-01' } },
    {
      status: 'completed',
      priority: 'urgent',
      due: { datetime: '2020-02-29T10:00:00', time_zone: 'UTC' },
      labels: ['Z'],
    },
    { status: 'cancelled', due: { date: '2020-02-29' } },
    {
      status: 'pending',
      due: { datetime: '2020-02-29T10:00:00', time_zone: 'UTC' },
      labels: ['B', 'Z'],
    },
  ]
  for (const fields of kinds) await ann.post('/api/v1/tasks', { title: 'T', ...fields })
  const { body: trashed } = await ann.post('/api/v1/tasks', { title: 'T', labels: ['gone'] })
  await ann.delete(`/api/v1/tasks/${trashed.id}`)
  await ann.post('/api/v1/labels', { name: 'never used' })
  const bea = await world.register('Bea')
  await bea.post('/api/v1/tasks', { title: 'hers', labels: ['hers'] })

  for (const prefix of ['/api', `/api/${ann.id}`])
    for (const path of ['/stats', '/analytics', '/tags'])
      expect(await readsOf(() => ann.get(prefix + path)), path).toHaveLength(1)
  expect((await ann.get('/api/stats')).body).toMatchObject({
    total: 6,
    completed: 2,
    pending: 4,
    in_progress: 2,
    overdue: 3,
    completion_rate: 33.3,
    by_priority: { none: 3, low: 2, medium: 0, high: 0, urgent: 1 },
    total_tasks: 6,
    completed_tasks: 2,
    pending_tasks: 4,
    overdue_tasks: 3,
  })
  expect((await ann.get('/api/tags')).body).toEqual(['B', 'Z', 'b', 'ä'])
  const carl = await world.register('Carl')
  expect((await carl.get('/api/stats')).body).toMatchObject({ total: 0, completion_rate: 0 })
  expect((await carl.get('/api/tags')).body).toEqual([])
})

test('of 401 tasks they are as one reads them, and each is still one statement', async () => {
  const dora = await world.register('Dora')
  for (let i = 0; i < 401; i++)
    await dora.post('/api/v1/tasks', {
      title: `T${i}`,
      status: i % 3 === 0 ? 'completed' : 'pending',
      labels: [`l${i % 7}`],
    })
  expect(await readsOf(() => dora.get('/api/stats'))).toHaveLength(1)
  expect(await readsOf(() => dora.get('/api/tags'))).toHaveLength(1)
  expect((await dora.get('/api/stats')).body).toMatchObject({ total: 401, completed: 134 })
  expect((await dora.get('/api/tags')).body).toEqual(['l0', 'l1', 'l2', 'l3', 'l4', 'l5', 'l6'])
})
