// Ids and times that clients make: what was sent before is answered, and not done again.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { idAt } from '../../src/core/ids.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { createWorld, type User, type World } from '../support/world.ts'

describeEachDatabase('ids of clients', (open) => {
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    world = await createWorld({ open })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const DAY = 24 * 60 * 60_000
  const newId = (ago = 0) => idAt(world.clock.now() - ago, crypto.randomUUID())
  const count = async (path: string, user = ann) => (await user.get(path)).body.items.length

  const creations = [
    ['tasks', { title: 'Sweep', labels: ['b', 'a'] }, { title: 'Sweep', labels: ['b'] }],
    ['projects', { name: 'House' }, { name: 'House', archived: true }],
    ['labels', { name: 'errand' }, { name: 'errand', color: '#112233' }],
  ] as const

  test.each(creations)('%s: the same id and content make one thing', async (kind, body, other) => {
    const path = `/api/v1/${kind}`
    const had = await count(path)
    const id = newId()
    const made = await ann.post(path, { id: id.toUpperCase(), ...body })
    expect([made.status, made.body.id]).toEqual([201, id])
    const again = await ann.post(path, { ...body, id })
    expect([again.status, again.body, again.headers.get('ETag')]).toEqual([
      200,
      made.body,
      made.headers.get('ETag'),
    ])
    expect(await ann.post(path, { ...other, id })).toMatchObject({
      status: 409,
      body: { code: 'id_taken' },
    })
    expect(await count(path)).toBe(had + 1)
    // What is left out means the same as its default.
    expect(
      (
        await ann.post(path, {
          ...body,
          id,
          ...(kind === 'tasks' ? { parent_id: null } : { color: null }),
        })
      ).status,
    ).toBe(200)
  })

  test.each(creations)(
    '%s: what has been changed since is answered as it is now',
    async (kind, body) => {
      const id = newId()
      const { body: made } = await ann.post(`/api/v1/${kind}`, { id, ...body })
      const change = kind === 'tasks' ? { title: 'Swept' } : { name: 'changed' }
      const { body: changed } = await ann.patch(`/api/v1/${kind}/${id}`, change)
      expect(changed.rev).not.toBe(made.rev)
      expect(await ann.post(`/api/v1/${kind}`, { id, ...body })).toMatchObject({
        status: 200,
        body: changed,
      })
    },
  )

  test.each(creations)('%s: equal requests at once make one', async (kind, body) => {
    const had = await count(`/api/v1/${kind}`)
    const id = newId()
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ann.post(`/api/v1/${kind}`, { id, ...body })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await count(`/api/v1/${kind}`)).toBe(had + 1)
  })

  test.each(creations)(
    "%s: another's id is answered like one's own that stands for something else",
    async (kind, body) => {
      const path = `/api/v1/${kind}`
      const [id, own] = [newId(), newId()]
      const { body: theirs } = await ann.post(path, { id, ...body })
      const bob = await world.register(`Bob${users}`)
      await bob.post('/api/v1/projects', { id: own, name: 'Own' })
      const had = await count(path, bob)
      const answers = [
        await bob.post(path, { id, ...body }),
        await bob.post(path, { id: own, ...body, ...(kind === 'projects' && { archived: true }) }),
      ]
      const [foreign, taken] = answers.map(({ status, body: { request_id: _, ...rest } }) => ({
        status,
        ...rest,
      }))
      expect(foreign).toEqual(taken)
      expect(foreign).toMatchObject({ status: 409, code: 'id_taken' })
      expect(await count(path, bob)).toBe(had)
      expect((await ann.get(`${path}/${id}`)).body).toEqual(theirs)
    },
  )

  test('what was deleted for good does not come back, nor what is in the trash', async () => {
    const id = newId()
    const { body } = await ann.post('/api/v1/tasks', { id, title: 'Sweep' })
    await ann.delete(`/api/v1/tasks/${id}`)
    const trashed = await ann.post('/api/v1/tasks', { id, title: 'Sweep' })
    expect([trashed.status, trashed.body.id]).toEqual([200, body.id])
    expect(trashed.body.deleted_at).not.toBeNull()
    expect((await ann.delete(`/api/v1/tasks/${id}?permanent=true`)).status).toBe(204)
    expect((await ann.get(`/api/v1/tasks/${id}`)).status).toBe(404)
    expect((await ann.post('/api/v1/tasks', { id, title: 'Sweep' })).body.code).toBe('id_taken')
    const label = newId()
    await ann.post('/api/v1/labels', { id: label, name: 'gone' })
    await ann.delete(`/api/v1/labels/${label}`)
    expect((await ann.post('/api/v1/labels', { id: label, name: 'gone' })).status).toBe(409)
  })

  test('a repetition is answered where its parent has gone since, and with a key', async () => {
    const [parent, id] = [newId(), newId()]
    await ann.post('/api/v1/tasks', { id: parent, title: 'Parent' })
    const body = { id, title: 'Child', parent_id: parent }
    const key = { 'Idempotency-Key': 'one' }
    expect((await ann.post('/api/v1/tasks', body, key)).status).toBe(201)
    await ann.delete(`/api/v1/tasks/${parent}`)
    expect((await ann.post('/api/v1/tasks', body)).status).toBe(200)
    const replayed = await ann.post('/api/v1/tasks', body, key)
    expect([replayed.status, replayed.headers.get('Idempotency-Replayed')]).toEqual([201, 'true'])
    const other = await ann.post('/api/v1/tasks', body, { 'Idempotency-Key': 'two' })
    expect([other.status, other.headers.get('Idempotency-Replayed')]).toEqual([200, null])
  })

  test.each([
    ['of another version', () => crypto.randomUUID(), 'invalid_format'],
    ['of the future', () => newId(-DAY), 'in_future'],
    ['no id', () => 'x', 'invalid_format'],
  ])('an id %s is refused', async (_what, id, code) => {
    const { status, body } = await ann.post('/api/v1/tasks', { id: id(), title: 'Sweep' })
    expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([422, '/id', code])
  })

  test('a task keeps when it was made and completed, and stands behind those that are there', async () => {
    const { body: there } = await ann.post('/api/v1/tasks', { title: 'There' })
    const instant = (ago: number) => new Date(world.clock.now() - ago).toISOString()
    const [created_at, completed_at] = [instant(3 * DAY), instant(2 * DAY)]
    const { status, body } = await ann.post('/api/v1/tasks', {
      title: 'Old',
      created_at,
      completed_at,
      status: 'completed',
    })
    expect([status, body.created_at, body.completed_at]).toEqual([201, created_at, completed_at])
    expect(body.position > there.position).toBe(true)
    expect(body.updated_at > there.updated_at).toBe(true)
    const titles = async (query: string) =>
      (await ann.get(`/api/v1/tasks?${query}`)).body.items.map(
        ({ title }: { title: string }) => title,
      )
    expect(await titles('sort=created_at')).toEqual(['Old', 'There'])
    expect(await titles('sort=position')).toEqual(['There', 'Old'])
    const id = newId(DAY)
    const offline = await ann.post('/api/v1/tasks', { id, title: 'Offline' })
    expect(Date.parse(offline.body.created_at)).toBe(
      Number.parseInt(id.replace('-', '').slice(0, 12), 16),
    )
  })

  test.each([
    ['created_at', -DAY, undefined, 'in_future'],
    ['completed_at', undefined, -DAY, 'in_future'],
    ['completed_at', DAY, 2 * DAY, 'before_created'],
  ])('%s is refused (%s, %s)', async (field, created, completed, code) => {
    const instant = (ago: number | undefined) =>
      ago === undefined ? undefined : new Date(world.clock.now() - ago).toISOString()
    const times = { created_at: instant(created), completed_at: instant(completed) }
    const { status, body } = await ann.post('/api/v1/tasks', {
      title: 'x',
      status: 'completed',
      ...times,
    })
    expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([422, `/${field}`, code])
  })

  test('completed_at goes with the status completed', async () => {
    const completed_at = new Date(world.clock.now()).toISOString()
    const { body } = await ann.post('/api/v1/tasks', { title: 'x', completed_at })
    expect(body.errors).toMatchObject([{ pointer: '/completed_at', code: 'not_completed' }])
  })
})
