// A change of many tasks at once, and clients that read it in pages while others go on writing.
import { expect } from 'vitest'
import type { User } from '../client.ts'
import { createCopy, listed } from './copy.ts'

const AT_ONCE = 500

const makeTasks = async (ann: User, count: number, label: string): Promise<void> => {
  for (let made = 0; made < count; made += AT_ONCE) {
    const operations = Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, i) => ({
      operation: 'createTask',
      params: { body: { title: `t${made + i}`, labels: [label] } },
    }))
    const { body } = await ann.post('/api/v1/batch', { operations })
    for (const { status } of body.results) expect(status).toBe(201)
  }
}

/** The number of the change in a token. */
const seqOf = (token: string | undefined): number =>
  JSON.parse(atob((token ?? '').replaceAll('-', '+').replaceAll('_', '/')))[2]

type Way = (ann: User, path: string) => Promise<{ readonly status: number }>
/** What the writer does between two pages, in turn. */
const ways: readonly Way[] = [
  (ann, path) => ann.patch(path, { title: 'another' }),
  (ann, path) => ann.post(`${path}/complete`),
  (ann, path) => ann.delete(path),
  async (ann, path) => {
    await ann.delete(path)
    return ann.delete(`${path}?permanent=true`)
  },
  (ann, path) => ann.patch(path, { labels: [] }),
]

/**
 * Renames the label of `count` tasks. One copy reads that in pages of `limit`, and between two pages a
 * writer changes a task that was told, and one that was not. Copies that stopped at each of some
 * pages go on when all is over. Answers how many pages ended in the middle of one number.
 */
export const followBulkChange = async (
  ann: User,
  {
    count,
    limit,
    writes = Number.POSITIVE_INFINITY,
  }: { count: number; limit: number; writes?: number },
): Promise<number> => {
  await makeTasks(ann, count, 'before')
  const copy = createCopy()
  await copy.follow(ann, () => AT_ONCE)
  const ids = (copy.content() as { tasks: { id: string }[] }).tasks.map(({ id }) => id)
  expect(ids.length).toBe(count)
  const [label] = (await ann.get('/api/v1/labels')).body.items
  const renamed = await ann.patch(`/api/v1/labels/${label.id}`, { name: 'after' })
  expect(renamed.status).toBe(200)

  const stopped = [copy.fork()]
  let [inTheMiddle, before, step] = [0, -1, 0]
  for (let more = true; more; step++) {
    more = await copy.page(ann, limit)
    const seq = seqOf(copy.token)
    if (more && seq === before) inTheMiddle++
    before = seq
    if (step % 10 === 1) stopped.push(copy.fork())
    if (step >= writes || ids.length === 0) continue
    for (const at of [0, ids.length - 1]) {
      const [id] = ids.splice(at, 1)
      const way = ways[(step + at) % ways.length] as Way
      if (id) expect((await way(ann, `/api/v1/tasks/${id}`)).status).toBeLessThan(300)
    }
  }
  const what = await listed(ann)
  for (const one of [copy, ...stopped]) {
    await one.follow(ann, () => limit + 3)
    expect(one.content()).toEqual(what)
  }
  return inTheMiddle
}
