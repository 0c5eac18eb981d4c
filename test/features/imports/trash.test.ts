// What is in the trash of a file, with what went there together with it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/size.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { ended, imported, send } from './harness.ts'

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterEach(() => world.close())

const [parent, child, other] = [1, 2, 3].map((n) => `0199c2f4-6b3c-7d4e-9f50-00000000000${n}`) as [
  string,
  string,
  string,
]
const trashed = { deleted_at: '2026-11-20T10:00:00.000Z' }
const tasks = [
  { id: parent, title: 'Parent', ...trashed },
  { id: child, title: 'Child', parent_id: parent, ...trashed },
  // It went to the trash before its parent did, which does not count it.
  { id: other, title: 'Other', parent_id: parent, deleted_at: '2026-11-19T10:00:00.000Z' },
]
/** Comments take long, one by one. */
const comments = Array.from({ length: 400 }, (_, at) => ({
  id: `0199c2f4-6b3c-7d4e-9f51-${String(at).padStart(12, '0')}`,
  task_id: parent,
  text: `Comment ${at}`,
  created_at: '2026-11-01T10:00:00.000Z',
}))
const file = (members: object) =>
  JSON.stringify({ format: 'taskport', version: 1, tasks, ...members, end: {} })

const progressOf = async (id: string) => (await ann.get(`/api/v1/tasks/${id}`)).body.progress
/** The parent counts its child, whatever becomes of it. */
const expectCounted = async () => {
  expect((await ann.post(`/api/v1/tasks/${parent}/restore`)).status).toBe(200)
  expect(await progressOf(parent)).toMatchObject({ completed: 0, total: 1 })
  await ann.post(`/api/v1/tasks/${child}/complete`)
  expect(await progressOf(parent)).toMatchObject({ completed: 1, total: 1 })
  await ann.send('DELETE', `/api/v1/tasks/${child}`)
  expect(await progressOf(parent)).toBe(null)
  await ann.post(`/api/v1/tasks/${child}/restore`)
  expect(await progressOf(parent)).toMatchObject({ completed: 1, total: 1 })
}

test('a parent counts what went to the trash together with it', async () => {
  expect(await imported(world, ann, file({}))).toMatchObject({ status: 'done' })
  await expectCounted()
})

test('also where the import is cancelled behind the tasks', async () => {
  const { body } = await send(world, ann, file({ comments }))
  await until(async () => {
    const { progress, counts } = (await ann.get(`/api/v1/imports/${body.id}`)).body
    return counts.created === 3 && progress.done > 3
  })
  await ann.post(`/api/v1/imports/${body.id}/cancel`)
  expect(await ended(ann, body.id)).toMatchObject({ status: 'cancelled' })
  await expectCounted()
})
