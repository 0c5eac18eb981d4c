// Many requests in one: each is answered as the single request would be, in order.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { idAt } from '../../src/core/ids.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { type Recording, recorded } from '../support/recording.ts'
import { createWorld, type User, type World } from '../support/world.ts'

type Result = { status: number; headers: Record<string, string>; body: any }

describeEachDatabase('a batch', (open) => {
  let world: World
  let ann: User
  let take: () => Recording
  let users = 0
  beforeAll(async () => {
    const opened = await open()
    const recording = recorded(opened.db)
    take = recording.take
    world = await createWorld({ open: async () => ({ ...opened, db: recording.db }) })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const newId = () => idAt(world.clock.now(), crypto.randomUUID())
  const op = (operation: string, params: object = {}) => ({ operation, params })
  const make = (body: object, params: object = {}) => op('createTask', { body, ...params })
  const send = async (
    operations: readonly object[],
    { user = ann, on_error, key }: { user?: User; on_error?: string; key?: string } = {},
  ): Promise<Result[]> => {
    const { status, body, text } = await user.post(
      '/api/v1/batch',
      { operations, ...(on_error && { on_error }) },
      key ? { 'Idempotency-Key': key } : {},
    )
    expect(status, text).toBe(200)
    expect(body.results).toHaveLength(operations.length)
    return body.results
  }
  const statuses = (results: readonly Result[]) => results.map(({ status }) => status)
  const titles = async (query = '') =>
    (await ann.get(`/api/v1/tasks?limit=200&${query}`)).body.items.map(
      ({ title }: { title: string }) => title,
    )

  test('500 creates are answered like single ones, in order, with few commits', async () => {
    const operations = Array.from({ length: 500 }, (_, i) =>
      make({ title: `t${i}`, labels: ['home'], id: i % 2 ? undefined : newId() }),
    )
    await ann.post('/api/v1/tasks', { title: 'first', labels: ['home'] })
    take()
    const results = await send(operations)
    const { batches } = take()
    expect(batches.length).toBeLessThanOrEqual(10)
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(450)
    expect(new Set(statuses(results))).toEqual(new Set([201]))
    const positions = results.map(({ body }) => body.position)
    expect(positions.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(positions)
    expect(results.map(({ body }) => body.title)).toEqual(operations.map((_, i) => `t${i}`))
    const [one] = results as [Result]
    const { body, headers } = await ann.get(`/api/v1/tasks/${one.body.id}`)
    expect(one).toEqual({
      status: 201,
      body,
      headers: { ETag: headers.get('ETag'), Location: `/api/v1/tasks/${body.id}` },
    })
    const { quotas } = (await ann.get('/api/v1/me')).body
    expect(quotas.tasks.used).toBe(501)
    expect((await titles('sort=position')).slice(0, 3)).toEqual(['first', 't0', 't1'])
  })

  test('a second time the same ids make nothing, also with few reads', async () => {
    const operations = Array.from({ length: 80 }, (_, i) => make({ title: `t${i}`, id: newId() }))
    const first = await send(operations)
    const again = await send(operations)
    expect(new Set(statuses(again))).toEqual(new Set([200]))
    expect(again.map(({ body }) => body)).toEqual(first.map(({ body }) => body))
  })

  test('later operations see what earlier ones did', async () => {
    const [project, parent, child] = [newId(), newId(), newId()]
    const results = await send([
      op('createProject', { body: { id: project, name: 'House' } }),
      op('createLabel', { body: { name: 'new' } }),
      make({ id: parent, title: 'Parent', project_id: project, labels: ['new', 'other'] }),
      make({ id: child, title: 'Child', parent_id: parent, labels: ['other'] }),
      op('updateTask', { id: child, body: { title: 'Changed' } }),
      op('updateTask', { id: child, body: { priority: 'high' } }),
      op('getTask', { id: child }),
      op('deleteTask', { id: parent }),
      op('getTask', { id: child.toUpperCase() }),
      op('restoreTask', { id: parent }),
      op('completeTask', { id: child }),
      op('listTasks', { query: { project_id: project, limit: 1, deleted: false } }),
      op('createLabel', { body: { name: 'new' } }),
      op('getMe'),
    ])
    expect(statuses(results)).toEqual([
      201, 201, 201, 201, 200, 200, 200, 204, 200, 200, 200, 200, 409, 200,
    ])
    expect(results[6]?.body).toMatchObject({
      title: 'Changed',
      priority: 'high',
      project_id: project,
    })
    expect(results[7]).toEqual({ status: 204, headers: {}, body: null })
    expect(results[8]?.body.deleted_at).not.toBeNull()
    const [page] = results.slice(11) as [Result]
    expect(page.body.items).toMatchObject([{ id: parent }])
    const next = /<(.+)>; rel="next"/.exec(page.headers['Link'] ?? '')?.[1] ?? ''
    expect((await ann.get(next)).body.items).toMatchObject([{ id: child, status: 'completed' }])
    expect(results[12]?.body).toMatchObject({ code: 'name_taken', instance: '/api/v1/labels' })
    expect((await ann.get('/api/v1/labels')).body.items).toHaveLength(2)
  })

  test('an operation that is refused says what the single request would', async () => {
    const { body: task } = await ann.post('/api/v1/tasks', { title: 'Task' })
    const unknown = newId()
    const requests: [string, object, () => Promise<{ status: number; body: any }>][] = [
      ['createTask', { body: { title: '' } }, () => ann.post('/api/v1/tasks', { title: '' })],
      ['getTask', { id: unknown }, () => ann.get(`/api/v1/tasks/${unknown}`)],
      ['getTask', { id: 'x' }, () => ann.get('/api/v1/tasks/x')],
      ['listTasks', { query: { limit: 999 } }, () => ann.get('/api/v1/tasks?limit=999')],
      [
        'updateTask',
        { id: task.id, body: { title: 'x' }, if_match: `"${unknown}"` },
        () => ann.patch(`/api/v1/tasks/${task.id}`, { title: 'x' }, { 'If-Match': `"${unknown}"` }),
      ],
      [
        'updateTask',
        { id: task.id, body: { rev: 'x' } },
        () => ann.patch(`/api/v1/tasks/${task.id}`, { rev: 'x' }),
      ],
      [
        'createTask',
        { body: { title: 'x', project_id: unknown } },
        () => ann.post('/api/v1/tasks', { title: 'x', project_id: unknown }),
      ],
    ]
    const results = await send(requests.map(([operation, params]) => op(operation, params)))
    for (const [i, [, , ask]] of requests.entries()) {
      const { status, body } = await ask()
      const { request_id: _, ...said } = body
      const { request_id: __, ...inBatch } = (results[i] as Result).body
      expect([results[i]?.status, inBatch]).toEqual([status, said])
    }
    const [missing, wrong, none] = await send([
      op('replaceTask', { id: task.id, body: { title: 'x' } }),
      op('createTask', { body: { title: 'x' }, id: task.id }),
      op('createTask'),
    ])
    expect(missing?.body.code).toBe('precondition_required')
    expect(wrong?.body.errors).toMatchObject([{ pointer: '/id', code: 'unknown_field' }])
    expect(none?.status).toBe(422)
    const changed = await send([
      op('updateTask', { id: task.id, body: { title: 'y' }, if_match: `"${task.rev}"` }),
      op('updateTask', { id: task.id, body: { title: 'z' }, if_match: task.rev }),
    ])
    expect(statuses(changed)).toEqual([200, 412])
  })

  test.each([
    'login',
    'register',
    'changePassword',
    'deleteMe',
    'createApiKey',
    'batch',
    'endSession',
    'refresh',
  ])('%s is no part of a batch', async (name) => {
    const [result] = await send([op(name, { body: { operations: [] } })])
    expect(result?.body.errors).toMatchObject([{ pointer: '/operation', code: 'not_in_batch' }])
  })

  test('an unknown name is refused, and so is a batch that is none', async () => {
    const [result, proto] = await send([op('makeTask'), op('__proto__')])
    expect([result?.status, result?.body.errors[0].code]).toEqual([422, 'unknown'])
    expect(proto?.status).toBe(422)
    for (const body of [{}, { operations: [] }, { operations: Array(501).fill(op('getMe')) }])
      expect((await ann.post('/api/v1/batch', body)).status).toBe(422)
  })

  test.each(['continue', 'stop'])(
    'what stands behind a refused operation: %s',
    async (on_error) => {
      const before = Array.from({ length: 70 }, (_, i) => make({ title: `before ${i}` }))
      const behind = Array.from({ length: 70 }, (_, i) => make({ title: `behind ${i}` }))
      const results = await send([...before, make({ title: '' }), ...behind], { on_error })
      const after = on_error === 'stop' ? 424 : 201
      expect(statuses(results)).toEqual([...before.map(() => 201), 422, ...behind.map(() => after)])
      if (on_error === 'stop') expect(results.at(-1)?.body.code).toBe('not_run')
      expect((await titles()).length).toBe(on_error === 'stop' ? 70 : 140)
    },
  )

  test('where the results are too long, what is answered as not run was not made', async () => {
    // In JSON each of these characters is two.
    const description = '"'.repeat(60_000)
    const tasks = await send(Array.from({ length: 60 }, (_, i) => make({ title: `t${i}` })))
    const ids = tasks.map(({ body }) => body.id as string)
    for (const id of ids) await ann.patch(`/api/v1/tasks/${id}`, { description })
    const results = await send([
      op('getTask', { id: ids[0] }),
      ...ids.map((id) => op('updateTask', { id, body: { title: 'changed' } })),
    ])
    const made = results.filter(({ status }) => status === 200).length
    expect(statuses(results)).toEqual(results.map((_, i) => (i < made ? 200 : 424)))
    expect(made).toBe(Math.ceil((4 * 1024 * 1024) / JSON.stringify(results[1]).length))
    expect(results.at(-1)?.body).toMatchObject({
      code: 'not_run',
      detail: expect.stringContaining('as long as an answer may be'),
    })
    const changed = (await titles()).filter((title: string) => title === 'changed')
    expect(changed).toHaveLength(made - 1)
  })

  test('where it is not known whether a commit happened, none that shared it was not run', async () => {
    let isLost = false
    const lossy = await createWorld({
      open: async () => {
        const { db, close } = await open()
        const atomic: typeof db.atomic = async (...batch) => {
          const outcome = await db.atomic(...batch)
          if (!isLost) return outcome
          throw Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' })
        }
        return { db: { ...db, atomic }, close }
      },
    })
    try {
      const eve = await lossy.register('Eve')
      const operations = Array.from({ length: 70 }, (_, i) => make({ title: `t${i}` }))
      isLost = true
      const results = await send(operations, { user: eve, on_error: 'stop' })
      isLost = false
      expect(statuses(results)).toEqual(operations.map((_, i) => (i < 64 ? 503 : 424)))
      expect((await eve.get('/api/v1/me')).body.quotas.tasks.used).toBe(64)
    } finally {
      await lossy.close()
    }
  })

  test('scopes are those of the single requests', async () => {
    const { body } = await ann.post('/api/v1/api-keys', { name: 'k', scopes: ['tasks:write'] })
    const user = { ...ann, post: world.client(body.key).post }
    const results = await send(
      [make({ title: 'x' }), op('listTasks'), op('createLabel', { body: { name: 'x' } })],
      { user },
    )
    expect(statuses(results)).toEqual([201, 403, 403])
    expect(results[1]?.body.code).toBe('insufficient_scope')
  })

  test("another's ids tell nothing, and nothing of theirs is changed", async () => {
    const { body: theirs } = await ann.post('/api/v1/tasks', { title: 'Secret' })
    const bob = await world.register(`Bob${users}`)
    const unknown = newId()
    const ask = (id: string) => [
      make({ title: 'own' }),
      op('getTask', { id }),
      op('updateTask', { id, body: { title: 'x' } }),
      op('deleteTask', { id }),
      op('moveTask', { id, body: { project_id: id } }),
      make({ title: 'x', parent_id: id }),
      make({ title: 'x', project_id: id }),
    ]
    const essence = (results: Result[], id: string) =>
      results
        .slice(1)
        .map(({ status, body: { request_id: _, ...rest } }) => [
          status,
          JSON.stringify(rest).replaceAll(id, ''),
        ])
    expect(essence(await send(ask(theirs.id), { user: bob }), theirs.id)).toEqual(
      essence(await send(ask(unknown), { user: bob }), unknown),
    )
    expect((await ann.get(`/api/v1/tasks/${theirs.id}`)).body).toEqual(theirs)
  })

  test('keys: one each, or one for all', async () => {
    const operations = [make({ title: 'a' }), make({ title: 'b' }), make({ title: '' })]
    const first = await send(operations, { key: 'all' })
    const again = await send([...operations.slice(0, 2), make({ title: 'c' })], { key: 'all' })
    expect(again.slice(0, 2).map(({ body }) => body)).toEqual(
      first.slice(0, 2).map(({ body }) => body),
    )
    expect(again.map(({ headers }) => headers['Idempotency-Replayed'])).toEqual([
      'true',
      'true',
      undefined,
    ])
    const single = await ann.post('/api/v1/tasks', { title: 'a' }, { 'Idempotency-Key': 'own' })
    const [own] = await send([make({ title: 'a' }, { idempotency_key: 'own' })])
    expect(own?.body).toEqual(single.body)
    expect((await titles()).sort()).toEqual(['a', 'a', 'b', 'c'])
  })

  test('an Idempotency-Key may be as long as that of a single request, and no longer', async () => {
    const operations = ['a', 'b', 'c'].map((title) => make({ title }))
    for (const length of [252, 255]) {
      const key = 'k'.repeat(length)
      const first = await send(operations, { key })
      expect(statuses(first)).toEqual([201, 201, 201])
      const again = await send(operations, { key })
      expect(again.map(({ body }) => body)).toEqual(first.map(({ body }) => body))
      expect(again.map(({ headers }) => headers['Idempotency-Replayed'])).toEqual(
        operations.map(() => 'true'),
      )
    }
    for (const key of ['k'.repeat(256), 'k\u00e9'])
      for (const [path, body] of [
        ['/api/v1/batch', { operations }],
        ['/api/v1/tasks', { title: 'a' }],
      ] as const) {
        const refused = await ann.post(path, body, { 'Idempotency-Key': key })
        expect([refused.status, refused.body.errors]).toEqual([
          422,
          [expect.objectContaining({ code: 'malformed' })],
        ])
      }
    expect((await titles()).length).toBe(6)
  })

  test('a quota that is reached in the middle refuses what goes beyond it', async () => {
    const small = await createWorld({ open, env: { QUOTA_TASKS: '40' } })
    try {
      const eve = await small.register('Eve')
      const operations = Array.from({ length: 50 }, (_, i) => make({ title: `t${i}` }))
      const results = await send(operations, { user: eve })
      expect(statuses(results)).toEqual(operations.map((_, i) => (i < 40 ? 201 : 403)))
      expect((await eve.get('/api/v1/me')).body.quotas.tasks.used).toBe(40)
    } finally {
      await small.close()
    }
  })

  test('two batches at once with the same ids make each once', async () => {
    const operations = Array.from({ length: 90 }, (_, i) =>
      make({ title: `t${i}`, id: newId(), labels: [`l${i % 3}`] }),
    )
    const both = await Promise.all([send(operations), send(operations)])
    for (const i of operations.keys())
      expect(both.map((results) => results[i]?.status).sort()).toEqual([200, 201])
    expect((await titles()).length).toBe(90)
    expect((await ann.get('/api/v1/labels')).body.items).toHaveLength(3)
  })
})
