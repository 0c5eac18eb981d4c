// Following all changes: page by page, from the beginning and from a token.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dropGeneration } from '../../../src/core/sync-generation.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { createCopy, listed } from '../../support/sync/copy.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const changes = '/api/v1/changes'
const HOUR = 60 * 60 * 1000

describeEachDatabase('changes', (open) => {
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 5 } })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}) =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body
  const since = async (token: string, query = '') =>
    (await ann.get(`${changes}?since=${token}${query}`)).body
  const read = async (path: string) => (await ann.get(path)).body
  const nothing = {
    gone: [],
    users: [],
    projects: [],
    tasks: [],
    labels: [],
    comments: [],
    reminders: [],
    has_more: false,
  }

  test('begin with all there is, and go on with what has changed', async () => {
    const task = await make()
    const { quotas: _quotas, running: _running, ...user } = await read('/api/v1/me')
    const first = await read(changes)
    expect(first).toMatchObject({
      ...nothing,
      users: [user],
      projects: [{ inbox: true }],
      tasks: [task],
    })
    expect(await since(first.token)).toEqual({ ...nothing, token: first.token })
    const { body: changed } = await ann.patch(`/api/v1/tasks/${task.id}`, { title: 'Swept' })
    const second = await since(first.token)
    expect(second).toEqual({ ...nothing, tasks: [changed], token: second.token })
    expect(second.token).not.toBe(first.token)
    expect(await since(first.token), 'the same token can be used again').toEqual(second)
  })

  test('tell of every kind of thing', async () => {
    const { token } = await read(changes)
    const project = (await ann.post('/api/v1/projects', { name: 'House' })).body
    const made = await make({ project_id: project.id, labels: ['home'], due: null })
    const comment = (await ann.post(`/api/v1/tasks/${made.id}/comments`, { text: 'When?' })).body
    const trigger = { kind: 'instant', at: '2026-12-01T08:00:00.000Z' }
    const reminder = (await ann.post(`/api/v1/tasks/${made.id}/reminders`, { trigger })).body
    const user = (await ann.patch('/api/v1/me', { name: 'Anna' })).body
    const label = (await read('/api/v1/labels')).items[0]
    const task = await read(`/api/v1/tasks/${made.id}`)
    const all = await since(token)
    expect(all).toEqual({
      ...nothing,
      users: [user],
      projects: [project],
      tasks: [task],
      labels: [label],
      comments: [comment],
      reminders: [reminder],
      token: all.token,
    })
    await ann.delete(`/api/v1/comments/${comment.id}`)
    await ann.delete(`/api/v1/reminders/${reminder.id}`)
    await ann.delete(`/api/v1/labels/${label.id}`)
    await ann.delete(`/api/v1/projects/${project.id}`)
    const later = await since(all.token)
    expect(
      later.gone.map(({ entity, id }: { entity: string; id: string }) => [entity, id]),
    ).toEqual([
      ['comment', comment.id],
      ['reminder', reminder.id],
      ['label', label.id],
      ['project', project.id],
    ])
    const trashed = await read(`/api/v1/tasks/${made.id}`)
    expect(trashed.deleted_at).not.toBe(null)
    expect(later.tasks).toEqual([trashed])
    await ann.delete('/api/v1/trash')
    expect((await since(later.token)).gone).toEqual([{ entity: 'task', id: made.id }])
    expect((await read(changes)).gone, 'one who begins has nothing that could be gone').toEqual([])
  })

  test('a task that is done or in the trash takes its reminders along', async () => {
    const { id } = await make()
    const trigger = { kind: 'instant', at: '2026-12-01T08:00:00.000Z' }
    await ann.post(`/api/v1/tasks/${id}/reminders`, { trigger })
    for (const change of ['complete', 'reopen']) {
      const { token } = await read(changes)
      await ann.post(`/api/v1/tasks/${id}/${change}`)
      const { reminders } = await since(token)
      expect(reminders).toEqual((await read(`/api/v1/tasks/${id}/reminders`)).items)
      expect(reminders[0].status).toBe(change === 'complete' ? 'cancelled' : 'pending')
    }
  })

  test('pages of any size, also in the middle of one batch, make the same copy', async () => {
    const operations = Array.from({ length: 12 }, (_, i) => ({
      operation: 'createTask',
      params: { body: { title: `t${i}`, labels: [`l${i % 3}`] } },
    }))
    const { body } = await ann.post('/api/v1/batch', { operations })
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual(
      operations.map(() => 201),
    )
    const what = await listed(ann)
    for (const limit of [1, 2, 5, 500]) {
      const copy = createCopy()
      await copy.follow(ann, () => limit)
      expect(copy.content(), `pages of ${limit}`).toEqual(what)
    }
  })

  test('one who begins while others write ends with all of it', async () => {
    for (let i = 0; i < 6; i++) await make({ title: `t${i}` })
    const { items } = await read('/api/v1/tasks')
    const copy = createCopy()
    await copy.page(ann, 2)
    await ann.patch(`/api/v1/tasks/${items[0].id}`, { title: 'changed' })
    await ann.delete(`/api/v1/tasks/${items[1].id}`)
    await copy.page(ann, 2)
    await ann.delete('/api/v1/trash')
    await make({ title: 'new' })
    await copy.follow(ann, () => 2)
    expect(copy.content()).toEqual(await listed(ann))
  })

  test('tombstones are forgotten after 90 days: an older token starts over, a younger one does not', async () => {
    const kept = await make()
    const gone = await make()
    await ann.delete(`/api/v1/tasks/${gone.id}`)
    const before = await read(changes)
    await ann.delete(`/api/v1/tasks/${gone.id}?permanent=true`)
    const behind = await since(before.token)
    expect(behind.gone).toEqual([{ entity: 'task', id: gone.id }])
    const begun = (await ann.get(`${changes}?limit=1`)).body
    expect(begun.has_more).toBe(true)
    world.clock.advance(91 * 24 * HOUR)
    await maintainFor(world)
    const { email, password } = ann
    const { body: signedIn } = await world.anonymous.post('/api/v1/auth/login', { email, password })
    ann = { ...ann, ...world.client(signedIn.access_token) }
    const { status, body } = await ann.get(`${changes}?since=${before.token}`)
    expect([status, body.code]).toEqual([410, 'sync_token_expired'])
    expect((await since(behind.token)).gone).toEqual([])
    const rest = await since(begun.token)
    expect(
      rest.tasks.map(({ id }: { id: string }) => id),
      'who began behind it goes on',
    ).toEqual([kept.id])
  })

  test('after a backup was restored every token starts over', async () => {
    const { token } = await read(changes)
    await dropGeneration(world.deps.db)
    const { status, body } = await ann.get(`${changes}?since=${token}`)
    expect([status, body.code]).toEqual([410, 'sync_token_expired'])
    const copy = createCopy()
    await copy.follow(ann, () => 2)
    expect(copy.content()).toEqual(await listed(ann))
  })

  test('a token is of one user and one database, and no other text is one', async () => {
    const { token } = await read(changes)
    const bob = await world.register(`Bob${users}`)
    const { status, body } = await bob.get(`${changes}?since=${token}`)
    expect([status, body.code]).toEqual([410, 'sync_token_expired'])
    const parts = JSON.parse(atob(token))
    const forged = (...changed: unknown[]) => btoa(JSON.stringify(changed)).replace(/=+$/, '')
    const [user, generation, seq, id] = parts
    const other = [
      forged(user, 'another', seq, id),
      forged(user, generation, seq + 1, id),
      forged(user, generation, seq, id, seq + 1),
    ]
    for (const given of other) expect((await ann.get(`${changes}?since=${given}`)).status).toBe(410)
    const none = ['x', '', forged(user, generation, seq), forged(user, generation, -1, id), 'ü']
    for (const given of none) {
      const answer = await ann.get(`${changes}?since=${encodeURIComponent(given)}`)
      expect([answer.status, answer.body.errors[0]]).toEqual([
        422,
        expect.objectContaining({ parameter: 'since', code: 'malformed' }),
      ])
    }
  })
})
