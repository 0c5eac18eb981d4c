// Tasks of a file that are a part of what is here already.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, type User, type World } from '../../support/world.ts'
import { codesOf, imported, tasksOf } from './harness.ts'

let world: World
let ann: User
beforeEach(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterEach(() => world.close())

const idOf = (n: number) => `0199c2f4-6b3c-7d4e-9f50-${String(n).padStart(12, '0')}`
/** A line of tasks, each a part of the one before. */
const lineBelow = (parent: string | null, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    id: idOf(at),
    title: `Task ${at}`,
    parent_id: at === 0 ? parent : idOf(at - 1),
  }))
const file = (tasks: readonly object[]) =>
  JSON.stringify({ format: 'taskport', version: 1, tasks, end: {} })

/** Makes a line of so many tasks here; answers the ids. */
const made = async (count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let at = 0; at < count; at++) {
    const { body } = await ann.post('/api/v1/tasks', {
      title: `Here ${at}`,
      parent_id: ids.at(-1) ?? null,
    })
    ids.push(body.id)
  }
  return ids
}

test.each([
  [10, 2],
  [8, 4],
])('what would be too deep below one at level %i is moved up', async (levels, count) => {
  const here = await made(levels)
  const given = file(lineBelow(here.at(-1) as string, count))
  const done = await imported(world, ann, given)
  expect(done).toMatchObject({ status: 'done', counts: { created: count, refused: 0 } })
  expect(codesOf(done)).toEqual(['too_deep parent', 'too_deep parent'])
  const tasks = new Map((await tasksOf(ann)).map((task) => [task.id, task]))
  const parents = Array.from({ length: count }, (_, at) => tasks.get(idOf(at)).parent_id)
  const [ninth] = levels === 10 ? [here[8]] : [idOf(0)]
  expect(parents).toEqual(levels === 10 ? [ninth, ninth] : [here[7], idOf(0), ninth, ninth])
  const again = await imported(world, ann, given)
  expect(again.counts).toMatchObject({ created: 0, unchanged: count })
})
