// What ties tasks to each other: the trash, projects, parents, order, labels.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

describeEachDatabase('tasks', (open, database) => {
  // All that is asked of D1's simulator at once goes through one pipe, which gives up when the
  // machine is busy.
  const CROWD = database === 'D1' ? 15 : 50
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const make = async (fields: object = {}) =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body
  const project = async (name: string) => (await ann.post('/api/v1/projects', { name })).body

  test('in the trash a task is read, not changed, and comes back with what went there with it', async () => {
    const parent = await make({ title: 'Parent' })
    const child = await make({ parent_id: parent.id, title: 'Child' })
    const grandchild = await make({ parent_id: child.id, title: 'Grandchild' })
    const before = await make({ parent_id: parent.id, title: 'Deleted before' })
    await ann.delete(`/api/v1/tasks/${before.id}`)
    expect((await ann.delete(`/api/v1/tasks/${parent.id}`)).status).toBe(204)
    expect((await ann.delete(`/api/v1/tasks/${parent.id}`)).status).toBe(204)
    const [p, c, g] = await Promise.all(
      [parent, child, grandchild].map(
        async ({ id }) => (await ann.get(`/api/v1/tasks/${id}`)).body,
      ),
    )
    expect(new Set([p.deleted_at, c.deleted_at, g.deleted_at]).size).toBe(1)
    expect(c.rev).not.toBe(child.rev)
    const path = `/api/v1/tasks/${child.id}`
    const refused = [
      await ann.patch(path, { title: 'x' }),
      await ann.post(`${path}/complete`),
      await ann.post(`${path}/move`, {}),
      await ann.put(path, { title: 'x' }, { 'If-Match': `"${c.rev}"` }),
    ]
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [409, 'trashed']),
    )
    expect(
      (await ann.get('/api/v1/tasks?deleted=true')).body.items.map((t: { id: string }) => t.id),
    ).toEqual(expect.arrayContaining([parent.id, child.id, grandchild.id, before.id]))
    const attach = await ann.post('/api/v1/tasks', { title: 'x', parent_id: parent.id })
    expect([attach.status, attach.body.errors[0].pointer]).toEqual([422, '/parent_id'])
    const restored = await ann.post(`/api/v1/tasks/${parent.id}/restore`)
    expect(restored.body).toMatchObject({ deleted_at: null, parent_id: null })
    expect((await ann.get(`/api/v1/tasks/${grandchild.id}`)).body).toMatchObject({
      deleted_at: null,
      parent_id: child.id,
    })
    expect((await ann.get(`/api/v1/tasks/${before.id}`)).body.deleted_at).not.toBeNull()
    expect((await ann.post(`/api/v1/tasks/${parent.id}/restore`)).body).toEqual(restored.body)
  })

  test('a deleted project puts its tasks into the trash; they come back into the inbox', async () => {
    const shed = await project('Shed')
    const parent = await make({ project_id: shed.id })
    const child = await make({ parent_id: parent.id })
    expect((await ann.delete(`/api/v1/projects/${shed.id}`)).status).toBe(204)
    expect((await ann.get(`/api/v1/projects/${shed.id}`)).status).toBe(404)
    expect((await ann.get(`/api/v1/tasks/${child.id}`)).body.deleted_at).not.toBeNull()
    expect(
      (await ann.post('/api/v1/tasks', { title: 'x', project_id: shed.id })).body.errors[0],
    ).toMatchObject({
      pointer: '/project_id',
      code: 'unknown',
    })
    const inbox = (await ann.get('/api/v1/projects')).body.items.find(
      (p: { inbox: boolean }) => p.inbox,
    )
    expect((await ann.post(`/api/v1/tasks/${parent.id}/restore`)).body.project_id).toBe(inbox.id)
    expect((await ann.get(`/api/v1/tasks/${child.id}`)).body).toMatchObject({
      deleted_at: null,
      project_id: inbox.id,
      parent_id: parent.id,
    })
    const kept = await ann.delete(`/api/v1/projects/${inbox.id}`)
    expect([kept.status, kept.body.code]).toEqual([409, 'inbox'])
  })

  test('no task is a part of itself, of another project, or of more than ten levels', async () => {
    const levels = [await make()]
    while (levels.length < 10) levels.push(await make({ parent_id: levels.at(-1).id }))
    const deeper = await ann.post('/api/v1/tasks', { title: 'x', parent_id: levels[9].id })
    expect([deeper.status, deeper.body.errors[0].code]).toEqual([422, 'too_deep'])
    const cycle = await ann.patch(`/api/v1/tasks/${levels[0].id}`, { parent_id: levels[3].id })
    expect([cycle.status, cycle.body.errors[0].code]).toEqual([422, 'cycle'])
    expect(
      (await ann.patch(`/api/v1/tasks/${levels[0].id}`, { parent_id: levels[0].id })).body.errors[0]
        .code,
    ).toBe('cycle')
    const elsewhere = await project('Elsewhere')
    const other = await ann.post('/api/v1/tasks', {
      title: 'x',
      project_id: elsewhere.id,
      parent_id: levels[0].id,
    })
    expect([other.status, other.body.errors[0].code]).toEqual([422, 'other_project'])
    const two = await make()
    const under = await make({ parent_id: two.id })
    expect(
      (await ann.patch(`/api/v1/tasks/${two.id}`, { parent_id: levels[8].id })).body.errors[0].code,
    ).toBe('too_deep')
    expect(
      (await ann.patch(`/api/v1/tasks/${under.id}`, { parent_id: levels[8].id })).body.parent_id,
    ).toBe(levels[8].id)
  })

  test('two tasks that are put under each other at the same moment do not make a circle', async () => {
    const [a, b] = [await make(), await make()]
    const answers = await Promise.all([
      ann.patch(`/api/v1/tasks/${a.id}`, { parent_id: b.id }),
      ann.patch(`/api/v1/tasks/${b.id}`, { parent_id: a.id }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422])
  })

  test('subtasks follow into another project', async () => {
    const [from, to] = [await project('From'), await project('To')]
    const parent = await make({ project_id: from.id })
    const child = await make({ parent_id: parent.id })
    const grandchild = await make({ parent_id: child.id })
    const moved = await ann.post(`/api/v1/tasks/${child.id}/move`, { project_id: to.id })
    expect(moved.body).toMatchObject({ project_id: to.id, parent_id: null })
    const followed = (await ann.get(`/api/v1/tasks/${grandchild.id}`)).body
    expect(followed).toMatchObject({ project_id: to.id, parent_id: child.id })
    expect(followed.rev).not.toBe(grandchild.rev)
  })

  test('moves keep the order that they ask for, also in a crowd and many times at the same spot', async () => {
    const { id: project_id } = await project('Order')
    const titles = async () =>
      (
        await ann.get(`/api/v1/tasks?project_id=${project_id}&sort=position&limit=200`)
      ).body.items.map((t: { title: string }) => t.title)
    const tasks: { id: string }[] = []
    for (const title of ['a', 'b', 'c', 'd']) tasks.push(await make({ project_id, title }))
    const [a, b, c, d] = tasks as [{ id: string }, { id: string }, { id: string }, { id: string }]
    const move = (id: string, to: object) => ann.post(`/api/v1/tasks/${id}/move`, to)
    await move(d.id, { before: a.id })
    expect(await titles()).toEqual(['d', 'a', 'b', 'c'])
    await move(a.id, { after: c.id })
    expect(await titles()).toEqual(['d', 'b', 'c', 'a'])
    await move(d.id, {})
    expect(await titles()).toEqual(['b', 'c', 'a', 'd'])
    expect(
      (await Promise.all([move(d.id, { after: b.id }), move(a.id, { after: b.id })])).map(
        ({ status }) => status,
      ),
    ).toEqual([200, 200])
    const crowd = await titles()
    expect([crowd[0], crowd[3], crowd.slice(1, 3).sort()]).toEqual(['b', 'c', ['a', 'd']])
    for (let i = 0; i < 100; i++) {
      await move(i % 2 === 0 ? a.id : d.id, { after: b.id })
    }
    expect(await titles()).toEqual(['b', 'd', 'a', 'c'])
    const positions = (await ann.get(`/api/v1/tasks?project_id=${project_id}`)).body.items.map(
      (t: { position: string }) => t.position,
    )
    expect(Math.max(...positions.map((p: string) => p.length))).toBeLessThanOrEqual(30)
    expect((await move(a.id, { before: a.id })).body.errors[0].pointer).toBe('/before')
    expect((await move(a.id, { before: b.id, after: c.id })).body.errors[0].code).toBe('ambiguous')
  })

  test('a renamed or deleted label gives each of its tasks a new revision', async () => {
    const task = await make({ labels: ['old'] })
    const bystander = await make({ labels: ['other'] })
    const label = (await ann.get('/api/v1/labels')).body.items.find(
      (l: { name: string }) => l.name === 'old',
    )
    const taken = await ann.patch(`/api/v1/labels/${label.id}`, { name: 'other' })
    expect([taken.status, taken.body.code]).toEqual([409, 'name_taken'])
    await ann.patch(`/api/v1/labels/${label.id}`, { name: 'new' })
    const renamed = (await ann.get(`/api/v1/tasks/${task.id}`)).body
    expect(renamed.labels).toEqual(['new'])
    expect(renamed.rev).not.toBe(task.rev)
    await ann.delete(`/api/v1/labels/${label.id}`)
    const bare = (await ann.get(`/api/v1/tasks/${task.id}`)).body
    expect(bare.labels).toEqual([])
    expect(bare.rev).not.toBe(renamed.rev)
    expect((await ann.get(`/api/v1/tasks/${bystander.id}`)).body).toEqual(bystander)
  })

  test('a label that was renamed or deleted after it was used is made anew for the next task that names it', async () => {
    await make({ labels: ['kept', 'passing'] })
    const first = (await ann.get('/api/v1/labels?limit=200')).body.items.find(
      (l: { name: string }) => l.name === 'passing',
    )
    expect((await ann.patch(`/api/v1/labels/${first.id}`, { name: 'passed' })).status).toBe(200)
    const second = await make({ labels: ['kept', 'passing'] })
    expect((await ann.get(`/api/v1/tasks/${second.id}`)).body.labels).toEqual(['kept', 'passing'])
    const made = (await ann.get('/api/v1/labels?limit=200')).body.items.find(
      (l: { name: string }) => l.name === 'passing',
    )
    expect(made.id).not.toBe(first.id)
    expect((await ann.delete(`/api/v1/labels/${made.id}`)).status).toBe(204)
    const third = await make({ labels: ['passing'] })
    expect((await ann.get('/api/v1/tasks?label=passing')).body.items).toEqual([third])
  })

  test(`${CROWD} tasks made at once with the same new label share it`, async () => {
    const answers = await Promise.all(
      Array.from({ length: CROWD }, (_, i) =>
        ann.post('/api/v1/tasks', { title: `t${i}`, labels: ['shared'] }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(
      (await ann.get('/api/v1/labels?limit=200')).body.items.filter(
        (l: { name: string }) => l.name === 'shared',
      ),
    ).toHaveLength(1)
    expect((await ann.get('/api/v1/tasks?label=shared')).body.items).toHaveLength(CROWD)
  })
})
