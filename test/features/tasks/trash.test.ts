// The trash: what comes back with a task, and what is deleted for good.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Chunked, openChunked, ROWS } from '../../support/chunks.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import type { User, World } from '../../support/world.ts'

describeEachDatabase('the trash', (open) => {
  let chunked: Chunked
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    chunked = await openChunked(open)
    world = chunked.world
  })
  afterAll(() => chunked.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}): Promise<string> =>
    (await ann.post('/api/v1/tasks', { title: 'Task', ...fields })).body.id
  /** A root with children, each with one child, and labels. */
  const makeTree = async (children: number): Promise<string[]> => {
    const root = await make({ labels: ['root'] })
    const ids = [root]
    for (let i = 0; i < children; i++) {
      const child = await make({ parent_id: root, labels: ['child', 'other'] })
      ids.push(child, await make({ parent_id: child }))
    }
    return ids
  }
  const trash = (id: string) => ann.delete(`/api/v1/tasks/${id}`)
  const purge = (id: string, user = ann) => user.delete(`/api/v1/tasks/${id}?permanent=true`)
  const statusesOf = async (ids: readonly string[]) =>
    (await Promise.all(ids.map((id) => ann.get(`/api/v1/tasks/${id}`)))).map(({ status }) => status)
  const used = async () => (await ann.get('/api/v1/me')).body.quotas
  const inTrash = async () =>
    (await ann.get('/api/v1/tasks?deleted=true&limit=200')).body.items.length

  test.each([1, ROWS])('what comes back: the tasks below (%s) and labels', async (children) => {
    const ids = await makeTree(children)
    const read = async () =>
      (await Promise.all(ids.map((id) => ann.get(`/api/v1/tasks/${id}`)))).map(
        ({ body: { rev: _, updated_at: __, ...rest } }) => rest,
      )
    const before = await read()
    await trash(ids[0] as string)
    expect(await inTrash()).toBe(ids.length)
    expect((await ann.post(`/api/v1/tasks/${ids[0]}/restore`)).status).toBe(200)
    expect(await read()).toEqual(before)
    const labelled = await ann.get('/api/v1/tasks?label=child&limit=200')
    expect(labelled.body.items).toHaveLength(children)
  })

  test.each([0, 2, ROWS])(
    'a task is deleted for good from the trash alone, with the %s below it',
    async (children) => {
      const kept = await make({ labels: ['child'] })
      const before = await used()
      const ids = await makeTree(children)
      const [root] = ids as [string]
      expect((await purge(root)).body.code).toBe('not_trashed')
      await trash(root)
      chunked.most()
      expect((await purge(root)).status).toBe(204)
      expect(chunked.most()).toBeLessThanOrEqual(2 * ROWS + 4)
      expect(new Set(await statusesOf(ids))).toEqual(new Set([404]))
      expect(await statusesOf([kept])).toEqual([200])
      const after = await used()
      expect(after.tasks.used).toBe(before.tasks.used)
      // The names of the labels that were made stay.
      const names = children > 0 ? 'rootother'.length : 'root'.length
      expect(after.bytes.used - before.bytes.used).toBe(names)
      expect((await purge(root)).status).toBe(404)
      expect((await ann.get('/api/v1/me')).body.running).toEqual([])
    },
  )

  test('a part of what is in the trash is deleted, and the rest comes back', async () => {
    const [root, child, below, other, last] = (await makeTree(2)) as [
      string,
      string,
      string,
      string,
      string,
    ]
    await trash(root)
    expect((await purge(child)).status).toBe(204)
    expect(await statusesOf([root, child, below, other])).toEqual([200, 404, 404, 200])
    await ann.post(`/api/v1/tasks/${root}/restore`)
    expect((await ann.get(`/api/v1/tasks/${last}`)).body.deleted_at).toBeNull()
  })

  test('a revision that has changed keeps a task from being deleted', async () => {
    const id = await make()
    await trash(id)
    const { rev } = (await ann.get(`/api/v1/tasks/${id}`)).body
    const path = `/api/v1/tasks/${id}?permanent=true`
    const other = { 'If-Match': `"${crypto.randomUUID()}"` }
    expect((await ann.delete(path, other)).status).toBe(412)
    expect((await ann.delete(path, { 'If-Match': `"${rev}"` })).status).toBe(204)
  })

  test("another's task is not found, and stays", async () => {
    const id = await make()
    await trash(id)
    const bob = await world.register(`Bob${users}`)
    expect((await purge(id, bob)).status).toBe(404)
    expect((await bob.delete('/api/v1/trash')).status).toBe(204)
    expect(await statusesOf([id])).toEqual([200])
  })

  test('the trash is emptied, and nothing else', async () => {
    const [kept, before] = [await make(), await used()]
    for (let i = 0; i < 2 * ROWS + 1; i++) await trash(await make())
    const tree = await makeTree(1)
    await trash(tree[0] as string)
    expect((await ann.delete('/api/v1/trash')).status).toBe(204)
    expect(await inTrash()).toBe(0)
    expect(await statusesOf([kept, ...tree])).toEqual([200, 404, 404, 404])
    expect((await used()).tasks.used).toBe(before.tasks.used)
    expect((await ann.delete('/api/v1/trash')).status).toBe(204)
  })

  test('a deletion that is cut off shows as running, and is finished later', async () => {
    const ids = await makeTree(ROWS)
    await trash(ids[0] as string)
    chunked.cutOffAfter(2)
    expect((await purge(ids[0] as string)).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    const { running } = (await ann.get('/api/v1/me')).body
    expect(running).toMatchObject([{ kind: 'purge_task', id: ids[0] }])
    await chunked.finish()
    expect(new Set(await statusesOf(ids))).toEqual(new Set([404]))
  })
})
