// What ties tasks of a file to others: what they wait for, and their external ids.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, type User, type World } from '../../support/world.ts'
import { imported, tasksOf } from './harness.ts'

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterEach(() => world.close())

const uuid = (n: number) => `7f3a1c7e-0000-4000-8000-00000000000${n}`
/** A file of Taskwarrior. */
const file = (tasks: readonly object[]) =>
  JSON.stringify(
    tasks.map((task, at) => ({
      id: at + 1,
      entry: '20261101T080000Z',
      status: 'pending',
      ...task,
    })),
  )
const named = async () => new Map((await tasksOf(ann)).map((task) => [task.title, task]))
const titlesOf = (tasks: ReadonlyMap<string, { id: string }>, ids: readonly string[]) =>
  [...tasks].flatMap(([title, { id }]) => (ids.includes(id) ? [title] : [])).sort()

test('a circle and a blocker that is nowhere are named, and nothing else is lost', async () => {
  const given = file([
    { uuid: uuid(1), description: 'a', depends: [uuid(3)], tags: ['one'] },
    { uuid: uuid(2), description: 'b', depends: [uuid(1)], due: '20261201T225959Z' },
    { uuid: uuid(3), description: 'c', depends: [uuid(2), uuid(4)] },
    { uuid: uuid(4), description: 'd', depends: [uuid(9)] },
    { uuid: uuid(5), description: 'e', depends: [uuid(5)] },
  ])
  const done = await imported(world, ann, given, { name: 'tasks.json' })
  expect(done).toMatchObject({ status: 'done', counts: { created: 5 } })
  const told = done.report
    .filter(({ field }) => field === 'blocked_by')
    .map(({ title, code }) => `${title} ${code}`)
  expect(told.filter((line) => !line.endsWith('cycle'))).toEqual(['d no_task'])
  // The circle of three is broken at one of its places.
  expect(told.filter((line) => line.endsWith('cycle'))).toHaveLength(2)
  expect(told).toContain('e cycle')
  const tasks = await named()
  const links = [...tasks.values()].flatMap((task) =>
    titlesOf(tasks, task.blocked_by).map((title) => `${task.title} waits for ${title}`),
  )
  const all = ['a waits for c', 'b waits for a', 'c waits for b', 'c waits for d']
  expect(links).toHaveLength(3)
  expect(all).toEqual(expect.arrayContaining(links))
  expect(links).toContain('c waits for d')
  expect(tasks.get('a')).toMatchObject({ labels: ['one'], external_id: uuid(1) })
  expect(tasks.get('b').due).not.toBeNull()
  const again = await imported(world, ann, given, { name: 'tasks.json' })
  expect(again.counts).toMatchObject({ created: 0, unchanged: 5 })
  expect(await named()).toEqual(tasks)
})

test('a task that a client made with the external id is the one of the file', async () => {
  const made = await ann.post('/api/v1/tasks', { title: 'Mine', external_id: uuid(1) })
  const done = await imported(
    world,
    ann,
    file([
      { uuid: uuid(1), description: 'Theirs' },
      { uuid: uuid(2), description: 'Waits', depends: [uuid(1)] },
    ]),
    { name: 'tasks.json' },
  )
  expect(done.counts).toMatchObject({ created: 1, unchanged: 1 })
  const tasks = await named()
  expect([...tasks.keys()].sort()).toEqual(['Mine', 'Waits'])
  expect(tasks.get('Mine')).toMatchObject({ external_id: uuid(1), title: 'Mine' })
  expect(tasks.get('Waits').blocked_by).toEqual([made.body.id])
})

test('the same external id in two projects is two tasks, also after an export', async () => {
  const { body: house } = await ann.post('/api/v1/projects', { name: 'House' })
  for (const project_id of [undefined, house.id])
    await ann.post('/api/v1/tasks', { title: 'Sweep', external_id: 'x:1', project_id })
  const { text } = await ann.get('/api/v1/export')
  expect((await imported(world, ann, text)).counts).toMatchObject({ created: 0, unchanged: 2 })
  const bob = await world.register('Bob')
  expect((await imported(world, bob, text)).counts).toMatchObject({ created: 2 })
  const tasks = await tasksOf(bob)
  expect(tasks.map(({ external_id }) => external_id)).toEqual(['x:1', 'x:1'])
  expect(new Set(tasks.map(({ project_id }) => project_id)).size).toBe(2)
})

test('a parent that was here before is told anew with its progress', async () => {
  const { body: parent } = await ann.post('/api/v1/tasks', { title: 'Parent' })
  const { token } = (await ann.get('/api/v1/changes')).body
  const tasks = [{ id: '0199c2f4-6b3c-7d4e-9f50-000000000001', title: 'Child' }]
  const given = { tasks: tasks.map((task) => ({ ...task, parent_id: parent.id })), end: {} }
  await imported(world, ann, JSON.stringify({ format: 'taskport', version: 1, ...given }))
  const { body } = await ann.get(`/api/v1/changes?since=${token}`)
  const told = new Map(body.tasks.map((task: { title: string }) => [task.title, task]))
  expect([...told.keys()].sort()).toEqual(['Child', 'Parent'])
  expect(told.get('Parent')).toMatchObject({ progress: { completed: 0, total: 1 } })
})
