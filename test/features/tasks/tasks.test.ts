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

  test('a task with everything reads as it was written, wherever it is read', async () => {
    const house = await project('House 🏠')
    const parent = await make({ project_id: house.id, title: 'Roof' })
    const given = {
      project_id: house.id,
      parent_id: parent.id,
      title: '  Résumé — 100% _x_ "q" 🦊',
      description: 'líne\n\n2',
      status: 'in_progress',
      priority: 'urgent',
      start: { datetime: '2026-12-01T08:00:00' },
      due: { datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
      labels: ['résumé', 'resume', 'Resume', 'resume'],
    }
    const created = await ann.post('/api/v1/tasks', given)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      ...given,
      labels: ['Resume', 'resume', 'résumé'],
      created_by: ann.id,
      completed_at: null,
      deleted_at: null,
    })
    expect(created.headers.get('ETag')).toBe(`"${created.body.rev}"`)
    const read = await ann.get(created.headers.get('Location')!)
    expect(read.body).toEqual(created.body)
    expect(Object.keys(read.body)).toEqual(Object.keys(created.body))
    const { items } = (await ann.get(`/api/v1/tasks?parent_id=${parent.id}`)).body
    expect(items).toEqual([created.body])
    expect(
      (await ann.get('/api/v1/labels')).body.items.map((label: { name: string }) => label.name),
    ).toEqual(['Resume', 'resume', 'résumé'])
  })

  test('without a project a task goes to the inbox, at its end', async () => {
    const [first, second] = [await make(), await make()]
    const inbox = (await ann.get('/api/v1/projects')).body.items.find(
      (p: { inbox: boolean }) => p.inbox,
    )
    expect([first.project_id, second.project_id]).toEqual([inbox.id, inbox.id])
    expect(second.position > first.position).toBe(true)
  })

  test('a patch changes what it names and nothing else', async () => {
    const task = await make({
      description: 'keep',
      priority: 'high',
      due: { date: '2026-12-01' },
      labels: ['a', 'b'],
    })
    const patched = await ann.patch(`/api/v1/tasks/${task.id}`, { title: 'Other' })
    expect(patched.body).toEqual({
      ...task,
      title: 'Other',
      rev: patched.body.rev,
      updated_at: patched.body.updated_at,
    })
    expect(patched.body.rev).not.toBe(task.rev)
    const relabelled = await ann.patch(
      `/api/v1/tasks/${task.id}`,
      { labels: ['b', 'c'] },
      { 'Content-Type': 'application/merge-patch+json' },
    )
    expect(relabelled.body.labels).toEqual(['b', 'c'])
    expect((await ann.get(`/api/v1/tasks/${task.id}`)).body).toEqual(relabelled.body)
    const same = await ann.patch(`/api/v1/tasks/${task.id}`, { labels: ['c', 'b'], title: 'Other' })
    expect(same.body.rev, 'nothing changed, so the revision stays').toBe(relabelled.body.rev)
  })

  test('a due is merged (RFC 7396), and another kind takes its place', async () => {
    const { id } = await make({
      due: { datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
    })
    const due = async (patch: unknown) => {
      const { status, body } = await ann.patch(`/api/v1/tasks/${id}`, { due: patch })
      return status === 200 ? body.due : body.errors[0]
    }
    expect(await due({ datetime: '2026-12-02T10:00:00' })).toEqual({
      kind: 'zoned',
      datetime: '2026-12-02T10:00:00',
      time_zone: 'Europe/Berlin',
    })
    expect(await due({ time_zone: null })).toEqual({
      kind: 'floating',
      datetime: '2026-12-02T10:00:00',
    })
    expect(await due({ date: '2026-12-03' })).toEqual({ kind: 'day', date: '2026-12-03' })
    expect(await due({ time_zone: 'Europe/Berlin' })).toMatchObject({
      pointer: '/due',
      code: 'wall_time',
    })
    expect(await due({ datetime: '2026-12-04T11:00:00', time_zone: 'UTC' })).toEqual({
      kind: 'zoned',
      datetime: '2026-12-04T11:00:00',
      time_zone: 'UTC',
    })
    expect(await due(null)).toBeNull()
  })

  test('GET, edit, PUT works; what is not named takes its default; what is read only stays', async () => {
    const task = await make({ description: 'gone after', priority: 'high', labels: ['x'] })
    const path = `/api/v1/tasks/${task.id}`
    expect((await ann.put(path, task)).status).toBe(428)
    const edited = await ann.put(
      path,
      { ...task, title: 'Edited' },
      { 'If-Match': `"${task.rev}"` },
    )
    expect(edited.body).toEqual({
      ...task,
      title: 'Edited',
      rev: edited.body.rev,
      updated_at: edited.body.updated_at,
    })
    expect((await ann.put(path, { title: 'Again' }, { 'If-Match': `"${task.rev}"` })).status).toBe(
      412,
    )
    const bare = await ann.put(path, { title: 'Bare' }, { 'If-Match': `"${edited.body.rev}"` })
    expect(bare.body).toMatchObject({
      title: 'Bare',
      description: '',
      priority: 'none',
      labels: [],
    })
    const refused = await ann.put(
      path,
      { title: 'Bare', created_at: '2020-01-01T00:00:00.000Z' },
      { 'If-Match': `"${bare.body.rev}"` },
    )
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '/created_at', code: 'read_only' })],
    ])
  })

  test('completing and reopening are idempotent and also a matter of PATCH', async () => {
    const { id } = await make()
    const completed = await ann.post(`/api/v1/tasks/${id}/complete`)
    expect(completed.body).toMatchObject({
      status: 'completed',
      completed_at: completed.body.updated_at,
    })
    expect((await ann.post(`/api/v1/tasks/${id}/complete`)).body).toEqual(completed.body)
    const reopened = await ann.post(`/api/v1/tasks/${id}/reopen`)
    expect(reopened.body).toMatchObject({ status: 'pending', completed_at: null })
    expect((await ann.post(`/api/v1/tasks/${id}/reopen`)).body).toEqual(reopened.body)
    expect(
      (await ann.patch(`/api/v1/tasks/${id}`, { status: 'completed' })).body.completed_at,
    ).not.toBeNull()
    expect(
      (await ann.patch(`/api/v1/tasks/${id}`, { status: 'cancelled' })).body.completed_at,
    ).toBeNull()
  })

  test('If-None-Match is answered 304, If-Match guards every change', async () => {
    const task = await make()
    const path = `/api/v1/tasks/${task.id}`
    const known = await ann.get(path, { 'If-None-Match': `"${task.rev}"` })
    expect([known.status, known.text, known.headers.get('ETag')]).toEqual([
      304,
      '',
      `"${task.rev}"`,
    ])
    expect((await ann.get(path, { 'If-None-Match': '"other"' })).status).toBe(200)
    const stale = { 'If-Match': '"0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f"' }
    const answers = [
      await ann.patch(path, { title: 'x' }, stale),
      await ann.delete(path, stale),
      await ann.post(`${path}/complete`, undefined, stale),
      await ann.post(`${path}/move`, {}, stale),
    ]
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [412, 'precondition_failed']),
    )
    expect((await ann.get(path)).body).toEqual(task)
    expect((await ann.patch(path, { title: 'x' }, { 'If-Match': '*' })).status).toBe(200)
  })

  test(`${CROWD} patches with the same If-Match: one wins, all others get 412`, async () => {
    const task = await make()
    const answers = await Promise.all(
      Array.from({ length: CROWD }, (_, i) =>
        ann.patch(
          `/api/v1/tasks/${task.id}`,
          { title: `by ${i}`, labels: [`l${i}`] },
          { 'If-Match': `"${task.rev}"` },
        ),
      ),
    )
    const winners = answers.filter(({ status }) => status === 200)
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(CROWD - 1)
    expect((await ann.get(`/api/v1/tasks/${task.id}`)).body).toEqual(winners[0]!.body)
  })

  test('patches of different fields without If-Match all hold', async () => {
    const { id } = await make()
    const answers = await Promise.all(
      [{ title: 'T' }, { description: 'D' }, { priority: 'low' }, { labels: ['z'] }].map((patch) =>
        ann.patch(`/api/v1/tasks/${id}`, patch),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await ann.get(`/api/v1/tasks/${id}`)).body).toMatchObject({
      title: 'T',
      description: 'D',
      priority: 'low',
      labels: ['z'],
    })
  })

  test(`${CROWD} creates with one Idempotency-Key make one task, and later repetitions get its answer`, async () => {
    const key = { 'Idempotency-Key': 'one-and-only' }
    const body = { title: 'Once', labels: ['once'] }
    const answers = await Promise.all(
      Array.from({ length: CROWD }, () => ann.post('/api/v1/tasks', body, key)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map((a) => a.body.id)).size).toBe(1)
    expect((await ann.get('/api/v1/tasks?label=once')).body.items).toHaveLength(1)
    const other = await ann.post('/api/v1/tasks', { title: 'Other' }, key)
    expect([other.status, other.body.errors[0]]).toEqual([
      422,
      expect.objectContaining({ parameter: 'Idempotency-Key', code: 'reused' }),
    ])
    const { id } = answers[0]!.body
    await ann.delete(`/api/v1/tasks/${id}`)
    const replayed = await ann.post('/api/v1/tasks', body, key)
    expect([replayed.status, replayed.text, replayed.headers.get('Location')]).toEqual([
      201,
      answers[0]!.text,
      `/api/v1/tasks/${id}`,
    ])
    world.clock.advance(25 * 60 * 60 * 1000)
    ann = {
      ...ann,
      ...world.client(
        (
          await world.anonymous.post('/api/v1/auth/login', {
            email: ann.email,
            password: ann.password,
          })
        ).body.access_token,
      ),
    }
    expect((await ann.post('/api/v1/tasks', body, key)).body.id).not.toBe(id)
  })

  test('a refused request leaves its Idempotency-Key free', async () => {
    const key = { 'Idempotency-Key': 'second-try' }
    expect((await ann.post('/api/v1/tasks', { title: '' }, key)).status).toBe(422)
    expect((await ann.post('/api/v1/tasks', { title: 'Now' }, key)).status).toBe(201)
  })
})

test('quotas are kept to the last one, also when many ask at once', async () => {
  const world = await createWorld({
    env: { QUOTA_TASKS: '10', QUOTA_PROJECTS: '3', QUOTA_LABELS: '2' },
  })
  try {
    const bob = await world.register('Bob')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => bob.post('/api/v1/tasks', { title: 'x' })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(
      new Set(
        answers
          .filter(({ status }) => status !== 201)
          .map(({ status, body }) => `${status} ${body.code}`),
      ),
    ).toEqual(new Set(['403 quota_exceeded']))
    const { id } = answers.find(({ status }) => status === 201)!.body
    const labelled = await bob.patch(`/api/v1/tasks/${id}`, { labels: ['a', 'b', 'c'] })
    expect([labelled.status, labelled.body.code]).toEqual([403, 'quota_exceeded'])
    expect((await bob.patch(`/api/v1/tasks/${id}`, { labels: ['a', 'b'] })).status).toBe(200)
    const projects = [
      await bob.post('/api/v1/projects', { name: 'p' }),
      await bob.post('/api/v1/projects', { name: 'q' }),
      await bob.post('/api/v1/projects', { name: 'r' }),
    ]
    expect(projects.map(({ status }) => status)).toEqual([201, 201, 403])
    await bob.delete(`/api/v1/projects/${projects[0]!.body.id}`)
    expect((await bob.post('/api/v1/projects', { name: 's' })).status).toBe(201)
  } finally {
    await world.close()
  }
})
