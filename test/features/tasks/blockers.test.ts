// Tasks that wait for others.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recountBytes } from '../../../src/core/stored-bytes.ts'
import { MAX_WAITING } from '../../../src/features/blockers/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'

describeEachDatabase('blockers', (open) => {
  let world: World
  let ann: User
  let bob: User
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 5 } })
    ann = await world.register('Ann')
    bob = await world.register('Bob')
  })
  afterAll(() => world.close())

  const make = async (fields: object = {}) =>
    (await ann.post(tasks, { title: 'Sweep', ...fields })).body
  const read = async ({ id }: { id: string }) => (await ann.get(`${tasks}/${id}`)).body
  const isBlocked = async (task: { id: string }) => (await read(task)).blocked
  const logged = async () =>
    (await ann.get(`${tasks}?sort=-updated_at&limit=5`)).body.items.map((t: { id: string }) => t.id)

  test('a task is blocked as long as one of those that it waits for is open', async () => {
    const [a, b] = [await make(), await make()]
    const waits = await make({ blocked_by: [b.id, a.id, a.id] })
    expect([waits.blocked, waits.blocked_by]).toEqual([true, [a.id, b.id].sort()])
    expect(await read(waits)).toEqual(waits)
    await ann.post(`${tasks}/${a.id}/complete`)
    expect(await read(waits)).toEqual(waits)
    await ann.patch(`${tasks}/${b.id}`, { status: 'cancelled' })
    const free = await read(waits)
    expect(free).toMatchObject({ blocked: false, blocked_by: waits.blocked_by })
    expect(free.rev).not.toBe(waits.rev)
    expect(free.updated_at > waits.updated_at).toBe(true)
    expect(await logged()).toContain(waits.id)
    const cached = { 'If-None-Match': `"${waits.rev}"` }
    expect((await ann.get(`${tasks}/${waits.id}`, cached)).status).toBe(200)
    await ann.post(`${tasks}/${a.id}/reopen`)
    expect(await isBlocked(waits)).toBe(true)
    const ids = async (filter: string) =>
      (await ann.get(`${tasks}?${filter}`)).body.items.map((t: { id: string }) => t.id)
    expect(await ids('blocked=true')).toContain(waits.id)
    expect(await ids('blocked=false')).not.toContain(waits.id)
    expect(await ids('blocked=false')).toContain(a.id)
  })

  test('a task that others wait for is closed, with all below it, and waits for another at once', async () => {
    const [blocker, parent] = [await make(), await make()]
    const child = await make({ parent_id: parent.id })
    const waits = await make({ blocked_by: [parent.id, child.id] })
    const change = { status: 'completed', blocked_by: [blocker.id] }
    const { status, body } = await ann.patch(`${tasks}/${parent.id}`, change)
    expect([status, body]).toEqual([200, expect.objectContaining(change)])
    expect((await read(child)).status).toBe('completed')
    expect(await isBlocked(waits)).toBe(false)
  })

  test('a change of the list counts at once; a repeated one changes nothing', async () => {
    const [a, b] = [await make(), await make({ status: 'completed' })]
    const task = await make()
    const patched = await ann.patch(`${tasks}/${task.id}`, { blocked_by: [a.id] })
    expect(patched.body).toMatchObject({ blocked: true, blocked_by: [a.id] })
    const again = await ann.patch(`${tasks}/${task.id}`, { blocked_by: [a.id] })
    expect(again.body).toEqual(patched.body)
    const put = await ann.put(
      `${tasks}/${task.id}`,
      { ...patched.body, blocked_by: [b.id] },
      { 'If-Match': `"${patched.body.rev}"` },
    )
    expect(put.status, put.text).toBe(200)
    expect(put.body).toMatchObject({ blocked: false, blocked_by: [b.id] })
    await ann.post(`${tasks}/${b.id}/reopen`)
    expect(await isBlocked(task)).toBe(true)
    const cleared = await ann.patch(`${tasks}/${task.id}`, { blocked_by: [] })
    expect(cleared.body).toMatchObject({ blocked: false, blocked_by: [] })
    await ann.post(`${tasks}/${b.id}/complete`)
    expect(await read(task)).toEqual(cleared.body)
  })

  test('what is unknown, another user’s, a circle or too much is refused', async () => {
    const foreign = (await bob.post(tasks, { title: 'Bob’s' })).body
    const [a, b, c] = [await make(), await make(), await make()]
    const codeOf = async (id: string, blocked_by: string[]) => {
      const { status, body } = await ann.patch(`${tasks}/${id}`, { blocked_by })
      return [status, body.errors?.[0].pointer, body.errors?.[0].code, body.errors?.[0].detail]
    }
    const unknown = await codeOf(a.id, ['0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'])
    expect(unknown.slice(0, 3)).toEqual([422, '/blocked_by', 'unknown'])
    expect(await codeOf(a.id, [foreign.id])).toEqual(unknown)
    const created = await ann.post(tasks, { title: 'x', blocked_by: [foreign.id] })
    expect(created.body.errors[0]).toMatchObject({ pointer: '/blocked_by', code: 'unknown' })
    expect((await codeOf(a.id, [a.id]))[2]).toBe('cycle')
    await ann.patch(`${tasks}/${b.id}`, { blocked_by: [a.id] })
    await ann.patch(`${tasks}/${c.id}`, { blocked_by: [b.id] })
    expect((await codeOf(a.id, [c.id]))[2]).toBe('cycle')
    expect((await read(a)).blocked_by).toEqual([])
    const many = Array.from({ length: 51 }, (_, i) => a.id.slice(0, -2) + String(10 + i))
    expect((await codeOf(a.id, many))[1]).toBe('/blocked_by')
  })

  test('at most a hundred tasks wait for one', async () => {
    const popular = await make()
    for (let i = 0; i < MAX_WAITING; i++) await make({ blocked_by: [popular.id] })
    const { status, body } = await ann.post(tasks, { title: 'x', blocked_by: [popular.id] })
    expect([status, body.errors[0].code]).toEqual([422, 'too_many'])
    await ann.post(`${tasks}/${popular.id}/complete`)
    const { items } = (await ann.get(`${tasks}?blocked=true&limit=200`)).body
    expect(
      items.filter((t: { blocked_by: string[] }) => t.blocked_by.includes(popular.id)),
    ).toEqual([])
  })

  test('two that are made to wait for each other at the same moment make no circle', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await make(), await make()]
      const answers = await Promise.all([
        ann.patch(`${tasks}/${a.id}`, { blocked_by: [b.id] }),
        ann.patch(`${tasks}/${b.id}`, { blocked_by: [a.id] }),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422])
    }
  })

  test('whatever comes first, a completed blocker blocks nothing', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await make(), await make()]
      await Promise.all([
        ann.patch(`${tasks}/${b.id}`, { blocked_by: [a.id] }),
        ann.post(`${tasks}/${a.id}/complete`),
      ])
      expect(await isBlocked(b)).toBe(false)
      await Promise.all([
        ann.post(`${tasks}/${a.id}/reopen`),
        ann.patch(`${tasks}/${b.id}`, { title: 'Another' }),
      ])
      expect(await isBlocked(b)).toBe(true)
    }
  })

  test.each([
    ['few', 1],
    ['many', 12],
  ])(
    'in the trash with %s others it blocks nothing, and does again when it comes back',
    async (_, count) => {
      const root = await make()
      const children: { id: string }[] = []
      for (let i = 0; i < count; i++) children.push(await make({ parent_id: root.id }))
      const below = children.at(-1) as { id: string }
      const waits = await make({ blocked_by: [below.id] })
      await ann.delete(`${tasks}/${root.id}`)
      expect(await isBlocked(waits)).toBe(false)
      await ann.post(`${tasks}/${root.id}/restore`)
      expect(await isBlocked(waits)).toBe(true)
      await ann.delete(`${tasks}/${waits.id}`)
      await ann.post(`${tasks}/${below.id}/complete`)
      const restored = await ann.post(`${tasks}/${waits.id}/restore`)
      expect(restored.body).toMatchObject({ blocked: false, blocked_by: [below.id] })
      const late = await ann.patch(`${tasks}/${waits.id}`, { title: 'With what it waits for' })
      expect(late.status).toBe(200)
    },
  )

  test.each([
    ['few', 2],
    ['many', 12],
  ])('a deleted project with %s tasks blocks nothing', async (_, count) => {
    const project = (await ann.post('/api/v1/projects', { name: `Shed ${count}` })).body
    const blockers: string[] = []
    for (let i = 0; i < count; i++) blockers.push((await make({ project_id: project.id })).id)
    const waiting: { id: string }[] = []
    for (const id of blockers) waiting.push(await make({ blocked_by: [id] }))
    await ann.delete(`/api/v1/projects/${project.id}`)
    for (const task of waiting) expect(await isBlocked(task)).toBe(false)
  })

  test('what is deleted for good is waited for no more', async () => {
    const scopes = ['tasks:read', 'tasks:write', 'account:read']
    const { key } = (await ann.post('/api/v1/api-keys', { name: 'Later', scopes })).body
    const later = world.client(key)
    const [gone, stays] = [await make(), await make()]
    const waits = await make({ blocked_by: [gone.id, stays.id] })
    const alone = await make({ blocked_by: [gone.id] })
    await ann.delete(`${tasks}/${gone.id}`)
    await maintainFor(world, 60, { trashDays: 1 })
    const read = async ({ id }: { id: string }) => (await later.get(`${tasks}/${id}`)).body
    expect((await later.get(`${tasks}/${gone.id}`)).status).toBe(404)
    expect(await read(waits)).toMatchObject({ blocked: true, blocked_by: [stays.id] })
    expect((await read(waits)).rev).not.toBe(waits.rev)
    expect(await read(alone)).toMatchObject({ blocked: false, blocked_by: [] })
    expect((await later.patch(`${tasks}/${waits.id}`, { title: 'Goes on' })).status).toBe(200)
    const used = async () => (await later.get('/api/v1/me')).body.quotas.bytes.used
    const counted = await used()
    await recountBytes(world.deps, ann.id)
    expect(await used()).toBe(counted)
  })
})
