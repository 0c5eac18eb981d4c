// Where tasks of a file stand among the others of their project.
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

const file = (tasks: readonly object[]) =>
  JSON.stringify({ format: 'taskport', version: 1, tasks, end: {} })
const idOf = (n: number) => `0199c2f4-6b3c-7d4e-9f50-${String(n).padStart(12, '0')}`
const titlesOf = async () => (await tasksOf(ann)).map(({ title }) => title)

test('tasks with one position stand in the order of the file, each at a place of its own', async () => {
  // Ids that do not go with the order of the file.
  const tasks = Array.from({ length: 220 }, (_, at) => ({
    id: idOf(1_000 - at),
    title: `Task ${at}`,
    position: 'a0',
  }))
  const last = { id: idOf(2_000), title: 'Last', position: 'a1' }
  await imported(world, ann, file([...tasks, last]))
  const titles = [...tasks, last].map(({ title }) => title)
  expect(await titlesOf()).toEqual(titles)
  const positions = (await tasksOf(ann)).map(({ position }) => position)
  expect(new Set(positions).size).toBe(221)
  expect([positions[0], positions.at(-1)]).toEqual(['a0', 'a1'])
  const { status, body } = await ann.post(`/api/v1/tasks/${last.id}/move`, {
    after: idOf(1_000 - 99),
  })
  expect(status, body.detail).toBe(200)
  const moved = titles.filter((title) => title !== 'Last')
  moved.splice(100, 0, 'Last')
  expect(await titlesOf()).toEqual(moved)
  // The others stay where they are.
  const after = (await tasksOf(ann)).filter(({ id }) => id !== last.id)
  expect(after.map(({ position }) => position)).toEqual(positions.slice(0, -1))
})

test('a position that a task here has is not free; one of another project is', async () => {
  await imported(world, ann, file([{ id: idOf(1), title: 'Here', position: 'a0' }]))
  const { body: house } = await ann.post('/api/v1/projects', { name: 'House' })
  const tasks = [
    { id: idOf(2), title: 'Behind it', position: 'a0' },
    { id: idOf(3), title: 'Elsewhere', position: 'a0', project_id: house.id },
  ]
  await imported(world, ann, file(tasks))
  const places = new Map((await tasksOf(ann)).map(({ title, position }) => [title, position]))
  expect([places.get('Here'), places.get('Elsewhere')]).toEqual(['a0', 'a0'])
  expect(places.get('Behind it') > 'a0' && places.get('Behind it') < 'a1').toBe(true)
})

test('a move between more tasks of one position than a batch may change is refused', async () => {
  const tasks = Array.from({ length: 230 }, (_, at) => ({ id: idOf(at), title: `Task ${at}` }))
  await imported(world, ann, file(tasks))
  const statement = { text: "update tasks set position = 'a0'", bind: () => [] }
  await world.deps.db.atomic([{ statement, values: {} }])
  const move = (id: number, where: object) => ann.post(`/api/v1/tasks/${idOf(id)}/move`, where)
  const refused = await move(229, { after: idOf(100) })
  expect(refused.status).toBe(422)
  expect(refused.body.errors).toMatchObject([{ code: 'crowded' }])
  // To the end of them it may, and when they are fewer, between them.
  for (let id = 0; id < 40; id++) expect((await move(id, {})).status).toBe(200)
  expect((await move(229, { after: idOf(100) })).status).toBe(200)
  const titles = (await titlesOf()).filter((title) => /^Task (100|101|229)$/.test(title))
  expect(titles).toEqual(['Task 100', 'Task 229', 'Task 101'])
})
