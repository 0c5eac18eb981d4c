// Changes of many rows, done in chunks: none is larger than a chunk, and a cut in the middle loses
// nothing.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDeferred } from '../../src/core/deferred.ts'
import { type Chunked, expectRevised, openChunked, ROWS, seqsOf } from '../support/chunks.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { until } from '../support/size.ts'
import type { User, World } from '../support/world.ts'

/** More than three chunks. */
const MANY = 3 * ROWS + 2
/** MariaDB counts a row that is replaced twice, D1 also the links that go with a task. */
const MOST = 2 * ROWS

describeEachDatabase('changes of many rows', (open) => {
  let chunked: Chunked
  let world: World
  let user: User
  let users = 0
  beforeAll(async () => {
    chunked = await openChunked(open)
    world = chunked.world
  })
  afterAll(() => chunked.close())
  beforeEach(async () => {
    user = await world.register(`User${users++}`)
  })

  type Task = {
    id: string
    labels: string[]
    rev: string
    deleted_at: string | null
    project_id: string
    parent_id: string | null
  }
  const makeTasks = async (count: number, fields: object): Promise<Task[]> => {
    const made: Task[] = []
    for (let i = 0; i < count; i++)
      made.push((await user.post('/api/v1/tasks', { title: `t${i}`, ...fields })).body)
    return made
  }
  const read = async ({ id }: { id: string }): Promise<Task> =>
    (await user.get(`/api/v1/tasks/${id}`)).body
  const readAll = (tasks: readonly Task[]) => Promise.all(tasks.map(read))
  const seqs = () => seqsOf(chunked, user)
  const revised = (before: readonly Task[], seqs: Map<unknown, number>) =>
    expectRevised(chunked, user, { before, seqs })
  /** So many changes wait for their turn, behind one that runs. */
  const untilWaiting = (count: number) =>
    until(() => world.deps.bulk?.queue?.count().waiting === count)
  const running = async () => (await user.get('/api/v1/me')).body.running
  const labelOf = async (name: string) => {
    const { body } = await user.get('/api/v1/labels')
    return body.items.find((label: { name: string }) => label.name === name)
  }

  test('a label is renamed on all of its tasks, none of them in a batch of more than a chunk', async () => {
    const tasks = await makeTasks(MANY, { labels: ['old', 'other'] })
    const others = await makeTasks(2, { labels: ['other'] })
    const before = await seqs()
    const { id } = await labelOf('old')
    chunked.most()
    const { status, body } = await user.patch(`/api/v1/labels/${id}`, { name: 'new' })
    expect([status, body.name]).toEqual([200, 'new'])
    expect(chunked.most()).toBeLessThanOrEqual(MOST)
    for (const { labels } of await revised(tasks, before)) expect(labels).toEqual(['new', 'other'])
    expect((await readAll(others)).map(({ rev }) => rev)).toEqual(others.map(({ rev }) => rev))
    expect(await running()).toEqual([])
  })

  test('a rename that is cut off shows as running, its old name makes no label, and it is finished later', async () => {
    const tasks = await makeTasks(MANY, { labels: ['old'] })
    const before = await seqs()
    const { id } = await labelOf('old')
    chunked.cutOffAfter(2)
    expect((await user.patch(`/api/v1/labels/${id}`, { name: 'new' })).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    const names = async () => (await readAll(tasks)).map(({ labels }) => labels[0])
    expect(new Set(await names())).toEqual(new Set(['old', 'new']))
    expect(await running()).toMatchObject([{ kind: 'rename_label', id }])
    const late = tasks.at(-1) as Task
    expect(await user.patch(`/api/v1/tasks/${late.id}`, { labels: ['old', 'more'] })).toMatchObject(
      {
        status: 409,
        body: { code: 'write_conflict' },
      },
    )
    expect((await user.post('/api/v1/labels', { name: 'old' })).status).toBe(409)
    await chunked.finish()
    expect(new Set(await names())).toEqual(new Set(['new']))
    await revised(tasks, before)
    expect(await running()).toEqual([])
    expect((await user.post('/api/v1/labels', { name: 'old' })).status).toBe(201)
  })

  test('a rename that takes longer than a client waits is answered, and goes on', async () => {
    const tasks = await makeTasks(MANY, { labels: ['old'] })
    const { id } = await labelOf('old')
    const { promise: answered, resolve: answer } = createDeferred<void>()
    chunked.before(2, async () => {
      world.clock.advance(11_000)
      chunked.before(0, () => answered)
    })
    expect((await user.patch(`/api/v1/labels/${id}`, { name: 'new' })).status).toBe(200)
    expect(await running()).toMatchObject([{ kind: 'rename_label', id }])
    answer()
    while ((await running()).length > 0);
    expect(new Set((await readAll(tasks)).map(({ labels }) => labels.join()))).toEqual(
      new Set(['new']),
    )
  })

  test('a rename whose chunks others keep overtaking was done: it is answered, and finished later', async () => {
    const tasks = await makeTasks(MANY, { labels: ['old'] })
    const { id } = await labelOf('old')
    chunked.overtakeAfter(2)
    const { status, body } = await user.patch(`/api/v1/labels/${id}`, { name: 'new' })
    chunked.overtakeAfter(Number.POSITIVE_INFINITY)
    expect([status, body.name]).toEqual([200, 'new'])
    expect(await running()).toMatchObject([{ kind: 'rename_label', id }])
    await chunked.finish()
    expect(await running()).toEqual([])
    for (const { labels } of await readAll(tasks)) expect(labels).toEqual(['new'])
  })

  test('what was cut off while the clock was ahead is finished after it was set back', async () => {
    const tasks = await makeTasks(MANY, { labels: ['old'] })
    const { id } = await labelOf('old')
    chunked.cutOffAfter(2)
    expect((await user.patch(`/api/v1/labels/${id}`, { name: 'new' })).status).toBe(503)
    world.clock.advance(-86_400_000)
    await chunked.finish()
    world.clock.advance(86_400_000)
    expect(new Set((await readAll(tasks)).map(({ labels }) => labels.join()))).toEqual(
      new Set(['new']),
    )
  })

  test('users whose changes are small, but of several tasks each, take turns as well', async () => {
    const other = await world.register(`User${users++}`)
    const parent = async (of: User): Promise<string> => {
      const { id } = (await of.post('/api/v1/tasks', { title: 'parent' })).body
      await of.post('/api/v1/tasks', { title: 'child', parent_id: id })
      return id
    }
    const parents: string[] = []
    while (parents.length < 6) parents.push(await parent(user))
    const single = await parent(other)
    chunked.order()
    chunked.before(0, () => untilWaiting(6))
    const answers = await Promise.all([
      ...parents.map((id) => user.delete(`/api/v1/tasks/${id}`)),
      other.delete(`/api/v1/tasks/${single}`),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(204))
    const order = chunked.order().filter((id) => [user.id, other.id].some((own) => own === id))
    expect(order).toHaveLength(7)
    expect(order.indexOf(other.id), 'not behind all of the other user').toBeLessThan(3)
  })

  test('users whose changes are large take turns, chunk by chunk', async () => {
    const both = [user, await world.register(`User${users++}`)]
    const labels: string[] = []
    for (const one of both) {
      for (let i = 0; i < 2 * MANY; i++)
        await one.post('/api/v1/tasks', { title: 't', labels: ['old'] })
      labels.push((await one.get('/api/v1/labels')).body.items[0].id)
    }
    chunked.order()
    chunked.before(0, () => untilWaiting(1))
    await Promise.all(
      both.map((one, i) => one.patch(`/api/v1/labels/${labels[i]}`, { name: 'new' })),
    )
    const order = chunked.order().filter((id) => both.some((one) => one.id === id))
    const last = Math.min(...both.map(({ id }) => order.lastIndexOf(id)))
    for (const { id } of both) {
      const together = order.slice(0, last).join(' ')
      expect(
        together.split(`${id} ${id} ${id}`),
        'never three of one in a row while the other waits',
      ).toHaveLength(1)
    }
  })

  test('a second rename finishes the first, and its name is the one that stays', async () => {
    const tasks = await makeTasks(MANY, { labels: ['one'] })
    const { id } = await labelOf('one')
    const both = await Promise.all(
      ['two', 'three'].map((name) => user.patch(`/api/v1/labels/${id}`, { name })),
    )
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    const { body } = await user.get(`/api/v1/labels/${id}`)
    expect(new Set((await readAll(tasks)).map(({ labels }) => labels.join()))).toEqual(
      new Set([body.name]),
    )
    expect(await running()).toEqual([])
  })

  test('tasks that get and lose a label while it is renamed say what their links say', async () => {
    const tasks = await makeTasks(MANY, { labels: ['a', 'b'] })
    const [plain] = (await makeTasks(1, {})) as [Task]
    const { id } = await labelOf('a')
    const [first, last] = [tasks[0], tasks.at(-1)] as [Task, Task]
    chunked.before(2, async () => {
      expect((await user.patch(`/api/v1/tasks/${plain.id}`, { labels: ['z'] })).status).toBe(200)
      expect((await user.patch(`/api/v1/tasks/${first.id}`, { labels: ['b'] })).status).toBe(200)
      expect((await user.patch(`/api/v1/tasks/${last.id}`, { labels: ['b', 'z'] })).status).toBe(
        200,
      )
    })
    expect((await user.patch(`/api/v1/labels/${id}`, { name: 'z' })).status).toBe(200)
    const shown = (await readAll([plain, first, last])).map(({ labels }) => labels.join())
    expect(shown).toEqual(['z', 'b', 'b,z'])
    const linked = await user.get('/api/v1/tasks?label=z&limit=100')
    expect(linked.body.items).toHaveLength(MANY)
  })

  test('a label is taken off all of its tasks; while that runs it is gone, and its name is not taken again', async () => {
    const tasks = await makeTasks(MANY, { labels: ['kept', 'lost'] })
    const before = await seqs()
    const { id } = await labelOf('lost')
    chunked.most()
    chunked.cutOffAfter(2)
    expect((await user.delete(`/api/v1/labels/${id}`)).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    expect(await running()).toMatchObject([{ kind: 'delete_label', id }])
    expect((await user.get(`/api/v1/labels/${id}`)).status).toBe(404)
    expect(
      (await user.get('/api/v1/labels')).body.items.map(({ name }: { name: string }) => name),
    ).toEqual(['kept'])
    const [first] = tasks as [Task]
    expect(
      (await user.patch(`/api/v1/labels/${(await labelOf('kept')).id}`, { color: '#000000' }))
        .status,
    ).toBe(200)
    expect((await user.patch(`/api/v1/tasks/${first.id}`, { title: 'Another' })).status).toBe(200)
    expect((await user.post('/api/v1/tasks', { title: 'x', labels: ['lost'] })).status).toBe(409)
    await chunked.finish()
    for (const { labels } of await revised(tasks, before)) expect(labels).toEqual(['kept'])
    expect(chunked.most()).toBeLessThanOrEqual(MOST)
    expect(
      await chunked.rows(`select id from labels where owner_id = '${user.id}' and name = ''`),
    ).toEqual([])
    expect((await user.post('/api/v1/tasks', { title: 'x', labels: ['lost'] })).status).toBe(201)
  })

  test("a rename behind a label's deletion waits for it", async () => {
    const tasks = await makeTasks(MANY, { labels: ['kept', 'lost'] })
    const [kept, lost] = [await labelOf('kept'), await labelOf('lost')]
    const answers = await Promise.all([
      user.delete(`/api/v1/labels/${lost.id}`),
      user.patch(`/api/v1/labels/${kept.id}`, { name: 'renamed' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([204, 200])
    expect(new Set((await readAll(tasks)).map(({ labels }) => labels.join()))).toEqual(
      new Set(['renamed']),
    )
  })

  test('a project goes with all of its tasks, chunk by chunk, also those that were cut off', async () => {
    const { body: project } = await user.post('/api/v1/projects', { name: 'P' })
    const tasks = await makeTasks(MANY, { project_id: project.id })
    const [moved, ...rest] = tasks as [Task, ...Task[]]
    const before = await seqs()
    chunked.most()
    chunked.cutOffAfter(2)
    expect((await user.delete(`/api/v1/projects/${project.id}`)).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    expect((await user.get(`/api/v1/projects/${project.id}`)).status).toBe(404)
    expect(await running()).toMatchObject([{ kind: 'delete_project', id: project.id }])
    expect((await user.post('/api/v1/tasks', { title: 'x', project_id: project.id })).status).toBe(
      422,
    )
    const live = (await readAll(tasks)).filter(({ deleted_at }) => deleted_at === null)
    expect(live).toHaveLength(MANY - ROWS)
    await chunked.finish()
    expect(chunked.most()).toBeLessThanOrEqual(MOST)
    const after = await revised(tasks, before)
    expect(new Set(after.map(({ deleted_at }) => deleted_at)).size, 'all went at one instant').toBe(
      1,
    )
    expect(after[0]?.deleted_at).not.toBeNull()
    expect((await user.post(`/api/v1/tasks/${moved.id}/restore`)).status).toBe(200)
    expect((await readAll(rest)).every(({ deleted_at }) => deleted_at !== null)).toBe(true)
  })

  test('a large account is closed at once, its name is free, and its rows go chunk by chunk', async () => {
    await makeTasks(MANY, { labels: ['l'] })
    await user.post('/api/v1/tasks', { title: 'x' }, { 'Idempotency-Key': 'k' })
    const key = (await user.post('/api/v1/api-keys', { name: 'k', scopes: ['tasks:read'] })).body
      .key
    const { anonymous } = world
    const credentials = { email: user.email, password: user.password }
    const asKey = () => world.client(key).get('/api/v1/tasks')
    expect((await asKey()).status).toBe(200)
    chunked.most()
    chunked.cutOffAfter(2)
    expect((await user.send('DELETE', '/api/v1/me', { password: user.password })).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    const refused = [
      await user.get('/api/v1/tasks'),
      await asKey(),
      await anonymous.post('/api/v1/auth/refresh', { refresh_token: user.refreshToken }),
      await anonymous.post('/api/v1/auth/login', credentials),
    ]
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    const again = await anonymous.post('/api/v1/auth/register', { ...credentials, name: 'Again' })
    expect(again.status).toBe(201)
    expect(again.body.user.id).not.toBe(user.id)
    await chunked.finish()
    expect(chunked.most()).toBeLessThanOrEqual(MOST)
    for (const [table, column] of Object.entries(owners))
      expect(
        await chunked.rows(`select ${column} from ${table} where ${column} = '${user.id}'`),
        table,
      ).toEqual([])
    expect((await world.client(again.body.access_token).get('/api/v1/me')).status).toBe(200)
  })

  test('nothing is made in an account that is being deleted', async () => {
    await makeTasks(MANY, {})
    let made: number | undefined
    chunked.before(2, async () => {
      // As a process that still believes in the session.
      const actor = {
        kind: 'session',
        userId: user.id,
        subject: user.id,
        sessionId: user.sessionId,
      } as const
      const { createTask, NewTask } = await import('../../src/features/tasks/index.ts')
      const ctx = { ...world.deps, actor, quotas: world.deps.config.quotas }
      made = await createTask(ctx, NewTask.parse({ title: 'x' })).then(
        () => 1,
        () => 0,
      )
    })
    expect((await user.send('DELETE', '/api/v1/me', { password: user.password })).status).toBe(204)
    expect(made).toBe(0)
    expect(await chunked.rows(`select id from users where id = '${user.id}'`)).toEqual([])
  })
})

const owners = {
  users: 'id',
  tasks: 'owner_id',
  labels: 'owner_id',
  projects: 'owner_id',
  changes: 'reader_id',
  receipts: 'user_id',
  sessions: 'user_id',
  api_keys: 'user_id',
  bulk_operations: 'user_id',
}
