// Deletions at one instant are told apart when they are undone.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

describeEachDatabase('deletions of one millisecond', (open) => {
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock(), bulk: { rows: 5 } })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}): Promise<string> =>
    (await ann.post('/api/v1/tasks', { title: 'Task', ...fields })).body.id
  const trash = async (id: string) =>
    expect((await ann.delete(`/api/v1/tasks/${id}`)).status).toBe(204)
  const restore = async (id: string) =>
    expect((await ann.post(`/api/v1/tasks/${id}/restore`)).status).toBe(200)
  const read = async (id: string) => (await ann.get(`/api/v1/tasks/${id}`)).body
  const live = async (ids: readonly string[]) =>
    (await Promise.all(ids.map(read))).map(({ deleted_at }) => deleted_at === null)
  /** Each is below the one before; a small one, or one that goes to the trash in chunks. */
  const chain = async (leaves: number, fields: object = {}) => {
    const root = await make(fields)
    const child = await make({ parent_id: root })
    const grandchild = await make({ parent_id: child })
    for (let i = 0; i < leaves; i++) await make({ parent_id: child })
    world.clock.advance(10)
    return [root, child, grandchild] as const
  }

  test.each([0, 7])('of a task and of what is far below it (%s more)', async (leaves) => {
    const [root, child, grandchild] = await chain(leaves)
    await trash(grandchild)
    await trash(root)
    await restore(root)
    expect(await live([root, child, grandchild])).toEqual([true, true, false])
    expect((await read(child)).progress).toEqual(
      leaves === 0 ? null : { completed: 0, total: leaves },
    )
    // Once more, with what has just been deleted at the next instants.
    await trash(child)
    await trash(root)
    await restore(root)
    expect(await live([root, child, grandchild])).toEqual([true, false, false])
    await restore(child)
    expect(await live([root, child, grandchild])).toEqual([true, true, false])
    await restore(grandchild)
    expect((await read(child)).progress).toEqual({ completed: 0, total: leaves + 1 })
    expect((await read(root)).progress).toEqual({ completed: 0, total: 1 })
  })

  test('of a child, behind other changes of its parent', async () => {
    const [root, child, grandchild] = await chain(0)
    for (const title of ['a', 'b', 'c']) await ann.patch(`/api/v1/tasks/${root}`, { title })
    await trash(child)
    await ann.patch(`/api/v1/tasks/${root}`, { title: 'd' })
    await trash(root)
    await restore(root)
    expect(await live([root, child, grandchild])).toEqual([true, false, false])
  })

  test.each([0, 7])('of a task and of its project (%s more)', async (leaves) => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'House' })
    const [root, child, grandchild] = await chain(leaves, { project_id: project.id })
    await trash(grandchild)
    expect((await ann.delete(`/api/v1/projects/${project.id}`)).status).toBe(204)
    await restore(root)
    expect(await live([root, child, grandchild])).toEqual([true, true, false])
  })

  test('of tasks at once', async () => {
    const trees = await Promise.all(Array.from({ length: 6 }, () => chain(0)))
    await Promise.all(
      trees.flatMap(([root, , grandchild]) => [
        ann.delete(`/api/v1/tasks/${grandchild}`),
        ann.delete(`/api/v1/tasks/${root}`),
      ]),
    )
    for (const [root, child, grandchild] of trees) {
      const [before, deleted] = [await read(grandchild), (await read(root)).deleted_at]
      const isOne = before.deleted_at === deleted
      expect((await read(child)).deleted_at).toBe(deleted)
      await restore(root)
      expect(await live([root, child, grandchild])).toEqual([true, true, isOne])
    }
  })

  test('of a batch', async () => {
    const [root, child, grandchild] = await chain(0)
    const operations = [grandchild, root].map((id) => ({ operation: 'deleteTask', params: { id } }))
    const { body } = await ann.post('/api/v1/batch', { operations })
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([204, 204])
    await restore(root)
    expect(await live([root, child, grandchild])).toEqual([true, true, false])
  })
})
