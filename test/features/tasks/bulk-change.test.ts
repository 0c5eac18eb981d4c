// Changes of all tasks that a filter finds: each once, in chunks.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Chunked, openChunked, ROWS } from '../../support/chunks.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import type { User, World } from '../../support/world.ts'

/** More than two chunks. */
const MANY = 2 * ROWS + 1

describeEachDatabase('a change of many tasks', (open) => {
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

  const make = async (fields: object = {}) =>
    (await ann.post('/api/v1/tasks', { title: 'Task', ...fields })).body
  const makeMany = async (fields: object = {}, count = MANY) => {
    const made = []
    for (let i = 0; i < count; i++) made.push(await make({ ...fields, title: `t${i}` }))
    return made
  }
  const change = (filter: object, change: object, more: object = {}) =>
    ann.post('/api/v1/tasks/bulk', { filter, change, ...more })
  const read = async ({ id }: { id: string }) => (await ann.get(`/api/v1/tasks/${id}`)).body
  const all = async (query: string) =>
    (await ann.get(`/api/v1/tasks?limit=200&${query}`)).body.items
  const done = (changed: number, more: object = {}) => ({
    id: expect.any(String),
    matched: changed,
    changed,
    unchanged: 0,
    refused: [],
    done: true,
    ...more,
  })

  test.each([{ project_id: [] }, { status: [] }, { label: [] }, { parent_id: [] }])(
    'an empty list of choices is refused: %o',
    async (filter) => {
      const { status, body } = await change(filter, { action: 'complete' })
      expect([status, body.code]).toEqual([422, 'invalid'])
    },
  )

  test('with dry_run tasks are only counted', async () => {
    await makeMany({ priority: 'low' })
    const { status, body } = await change(
      { priority: ['low'] },
      { action: 'complete' },
      { dry_run: true },
    )
    expect([status, body]).toEqual([
      200,
      { id: null, matched: MANY, changed: 0, unchanged: 0, refused: [], done: true },
    ])
    expect(await all('status=completed')).toEqual([])
  })

  test('tasks are completed that the filter then finds no more, and no others', async () => {
    const tasks = await makeMany({ labels: ['a'] })
    const other = await make({ labels: ['b'] })
    const filter = { status: ['pending'], label: ['a'] }
    const { body } = await change(filter, { action: 'complete' })
    expect(body).toEqual(done(MANY))
    expect((await all('status=completed')).length).toBe(MANY)
    expect((await read(other)).rev).toBe(other.rev)
    expect((await ann.get(`/api/v1/bulk/${body.id}`)).body).toEqual(body)
    expect((await change(filter, { action: 'complete' })).body).toMatchObject({
      matched: 0,
      id: null,
      done: true,
    })
    const again = await change({ label: ['a'] }, { action: 'complete' })
    expect(again.body).toEqual(done(0, { matched: MANY, unchanged: MANY }))
    expect((await read(tasks[0])).completed_at).not.toBeNull()
    expect((await change({ label: ['a'] }, { action: 'reopen' })).body).toEqual(done(MANY))
  })

  test.each([
    ['set_priority', { priority: 'urgent' }, { priority: 'urgent' }],
    ['set_due', { due: { date: '2027-01-02' } }, { due: { kind: 'day', date: '2027-01-02' } }],
    ['set_due', { due: null }, { due: null }],
    ['add_labels', { labels: ['new', 'old'] }, { labels: ['new', 'old'] }],
    ['remove_labels', { labels: ['old', 'none'] }, { labels: [] }],
    [
      'shift',
      { days: 3 },
      {
        due: { kind: 'day', date: '2027-03-01' },
        start: { kind: 'zoned', datetime: '2027-01-03T09:30:00', time_zone: 'Europe/Berlin' },
      },
    ],
  ])('%s %j', async (action, fields, expected) => {
    const tasks = await makeMany({
      labels: ['old'],
      due: { date: '2027-02-26' },
      start: { datetime: '2026-12-31T09:30:00', time_zone: 'Europe/Berlin' },
    })
    const { body } = await change({ label: ['old'] }, { action, ...fields })
    expect(body).toEqual(done(MANY))
    for (const task of tasks) expect(await read(task)).toMatchObject(expected)
    expect(chunked.most()).toBeLessThanOrEqual(2 * ROWS)
  })

  test('shifted tasks stay within the filter, and each is shifted once', async () => {
    const tasks = await makeMany({ due: { datetime: '2027-02-26T10:00:00' } })
    const none = await make()
    const { body } = await change({ status: ['pending'] }, { action: 'shift', days: -400 })
    expect(body).toEqual(done(MANY, { matched: MANY + 1, unchanged: 1 }))
    for (const task of tasks)
      expect((await read(task)).due).toEqual({ kind: 'floating', datetime: '2026-01-22T10:00:00' })
    expect((await read(none)).rev).toBe(none.rev)
  })

  test('what cannot be changed is counted, and the rest is changed', async () => {
    const late = await make({ due: { date: '9998-12-30' }, labels: ['x'] })
    const full = Array.from({ length: 50 }, (_, i) => `l${i}`)
    const labelled = await make({ due: { date: '2027-01-01' }, labels: ['x', ...full.slice(1)] })
    const task = await make({ due: { date: '2027-01-01' }, labels: ['x'] })
    const shifted = await change({ label: ['x'] }, { action: 'shift', days: 3 })
    expect(shifted.body).toEqual(
      done(2, { matched: 3, refused: [{ code: 'invalid', reason: 'range', count: 1 }] }),
    )
    expect((await read(late)).rev).toBe(late.rev)
    const added = await change({ label: ['x'] }, { action: 'add_labels', labels: ['more'] })
    expect(added.body).toEqual(
      done(2, { matched: 3, refused: [{ code: 'invalid', reason: 'too_big', count: 1 }] }),
    )
    expect((await read(labelled)).labels).toHaveLength(50)
    expect((await read(task)).labels).toEqual(['more', 'x'])
  })

  test('why tasks were refused is told by the field, and what is not there by where it stands', async () => {
    await make({ labels: ['x'], due: { date: '2027-01-01' }, recurrence: { rule: 'FREQ=DAILY' } })
    const { body } = await change({ label: ['x'] }, { action: 'set_due', due: null })
    const reason = { code: 'invalid', reason: 'due_required', count: 1 }
    expect(body).toEqual(done(0, { matched: 1, refused: [reason] }))
    const none = '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'
    const pointers = async (filter: object, project_id?: string) =>
      (
        await change(filter, project_id ? { action: 'move', project_id } : { action: 'trash' })
      ).body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(await pointers({ project_id: [none] })).toEqual(['/filter/project_id'])
    expect(await pointers({ parent_id: [none] })).toEqual(['/filter/parent_id'])
    expect(await pointers({ label: ['x'] }, none)).toEqual(['/change/project_id'])
  })

  test('a tree that is moved or put into the trash stays one', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'Other' })
    const root = await make({ priority: 'high' })
    const child = await make({ priority: 'high', parent_id: root.id })
    const below = await make({ parent_id: child.id })
    const large = await make({ priority: 'high' })
    for (let i = 0; i < 2 * ROWS; i++) await make({ parent_id: large.id })
    const filter = { priority: ['high'] }
    const moved = await change(filter, { action: 'move', project_id: project.id })
    expect(moved.body).toEqual(done(2, { matched: 3 }))
    expect((await all(`project_id=${project.id}`)).length).toBe(4 + 2 * ROWS)
    expect((await read(child)).parent_id).toBe(root.id)
    const trashed = await change(filter, { action: 'trash' })
    expect(trashed.body).toEqual(done(2, { matched: 3 }))
    expect(await all('')).toEqual([])
    await ann.post(`/api/v1/tasks/${root.id}/restore`)
    expect((await read(below)).deleted_at).toBeNull()
    expect((await all('')).length).toBe(3)
  })

  test('one that is cut off shows as running, and is finished later, each task once', async () => {
    const tasks = await makeMany({ due: { date: '2027-01-01' } })
    chunked.cutOffAfter(2)
    const filter = { status: ['pending'] }
    expect((await change(filter, { action: 'shift', days: 1 })).status).toBe(503)
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    const [running] = (await ann.get('/api/v1/me')).body.running
    expect(running.kind).toBe('change_tasks')
    const { body } = await ann.get(`/api/v1/bulk/${running.id}`)
    expect(body).toMatchObject({ matched: MANY, changed: ROWS, done: false })
    await chunked.finish()
    expect((await ann.get(`/api/v1/bulk/${running.id}`)).body).toEqual(done(MANY))
    for (const task of tasks)
      expect((await read(task)).due).toEqual({ kind: 'day', date: '2027-01-02' })
  })

  test('a quota that is reached in the middle refuses the rest, and it ends', async () => {
    const small = await openChunked(open)
    try {
      const quotas = small.world.deps.config.quotas as { bytes: number }
      const eve = await small.world.register('Eve')
      for (let i = 0; i < MANY; i++) await eve.post('/api/v1/tasks', { title: `t${i}` })
      const used = (await eve.get('/api/v1/me')).body.quotas.bytes.used
      // Room for the name of the label, and for it on five tasks: each takes 72 bytes besides.
      quotas.bytes = used + 3 + 5 * 75 + 10
      const { body } = await eve.post('/api/v1/tasks/bulk', {
        filter: { status: ['pending'] },
        change: { action: 'add_labels', labels: ['lab'] },
      })
      expect(body).toMatchObject({
        changed: 5,
        refused: [{ code: 'quota_exceeded', count: MANY - 5 }],
        done: true,
      })
    } finally {
      await small.close()
    }
  })

  test("others' tasks are not found, and a request that is none is refused", async () => {
    const task = await make({ labels: ['mine'] })
    const bob = await world.register(`Bob${users}`)
    const asBob = (filter: object, change: object) =>
      bob.post('/api/v1/tasks/bulk', { filter, change })
    const { body } = await asBob({ label: ['mine'] }, { action: 'trash' })
    expect(body).toMatchObject({ matched: 0, changed: 0 })
    expect((await asBob({ project_id: [task.project_id] }, { action: 'trash' })).status).toBe(422)
    await bob.post('/api/v1/tasks', { title: 'x' })
    const moved = await asBob({ q: 'x' }, { action: 'move', project_id: task.project_id })
    expect(moved.body.errors).toMatchObject([{ pointer: '/change/project_id', code: 'unknown' }])
    const own = await change({ q: 'Task' }, { action: 'set_priority', priority: 'low' })
    expect((await bob.get(`/api/v1/bulk/${own.body.id}`)).status).toBe(404)
    expect((await read(task)).priority).toBe('low')
    for (const [filter, given] of [
      [{}, { action: 'trash' }],
      [{ status: ['pending'] }, { action: 'shift' }],
      [{ status: ['pending'] }, { action: 'trash', days: 1 }],
      [{ status: ['pending'] }, { action: 'explode' }],
      [{ deleted: true }, { action: 'trash' }],
    ] as const)
      expect((await change(filter, given)).status).toBe(422)
  })

  test('with a key it is done once', async () => {
    const tasks = await makeMany({ due: { date: '2027-01-01' } }, 2)
    const body = { filter: { q: 't' }, change: { action: 'shift', days: 1 } }
    const key = { 'Idempotency-Key': 'shift' }
    const first = await ann.post('/api/v1/tasks/bulk', body, key)
    const again = await ann.post('/api/v1/tasks/bulk', body, key)
    expect(first.body).toMatchObject({ changed: 2, done: true })
    expect([again.status, again.body]).toEqual([200, first.body])
    for (const task of tasks) expect((await read(task)).due.date).toBe('2027-01-02')
    const other = await ann.post('/api/v1/tasks/bulk', body)
    expect(other.body).toMatchObject({ changed: 2, done: true })
    const late = await ann.post('/api/v1/tasks/bulk', body, key)
    expect(late.body, 'of which nothing is known any more').toMatchObject({
      id: first.body.id,
      done: false,
    })
  })
})
