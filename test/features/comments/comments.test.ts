// Comments on tasks.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recountBytes } from '../../../src/core/stored-bytes.ts'
import { allComments, importComments } from '../../../src/features/comments/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'

describeEachDatabase('comments', (open) => {
  let world: World
  let ann: User
  let bob: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
    bob = await world.register('Bob')
  })
  afterAll(() => world.close())

  const make = async () => (await ann.post(tasks, { title: 'Sweep' })).body
  const comment = (task: { id: string }, text: string) =>
    ann.post(`${tasks}/${task.id}/comments`, { text })
  const list = async (task: { id: string }, query = '') =>
    (await ann.get(`${tasks}/${task.id}/comments${query}`)).body
  const used = async () => (await ann.get('/api/v1/me')).body.quotas.bytes.used

  test('are made, listed page by page, changed and deleted; the task counts them', async () => {
    const task = await make()
    const texts = ['One\n', '  *two*', 'Ünë ☕']
    const made = []
    for (const text of texts) made.push((await comment(task, text)).body)
    expect(made[0]).toMatchObject({
      task_id: task.id,
      text: 'One\n',
      edited: false,
      created_by: ann.id,
    })
    const counted = (await ann.get(`${tasks}/${task.id}`)).body
    expect(counted.comment_count).toBe(3)
    expect(counted.rev).not.toBe(task.rev)
    const first = await list(task, '?limit=2')
    expect(first.items).toEqual(made.slice(0, 2))
    const rest = await list(task, `?limit=2&cursor=${first.next_cursor}`)
    expect(rest).toEqual({ items: made.slice(2), next_cursor: null })
    const path = `/api/v1/comments/${made[1].id}`
    const edited = await ann.patch(path, { text: 'Two.' }, { 'If-Match': `"${made[1].rev}"` })
    expect(edited.body).toMatchObject({
      text: 'Two.',
      edited: true,
      created_at: made[1].created_at,
    })
    expect(edited.body.updated_at > made[1].updated_at).toBe(true)
    expect((await ann.get(path)).body).toEqual(edited.body)
    expect((await ann.patch(path, { text: 'Two.' })).body).toEqual(edited.body)
    const late = await ann.patch(path, { text: 'Late' }, { 'If-Match': `"${made[1].rev}"` })
    expect(late.status).toBe(412)
    expect((await ann.get(`${tasks}/${task.id}`)).body).toEqual(counted)
    expect((await ann.delete(path)).status).toBe(204)
    expect((await ann.delete(path)).status).toBe(404)
    expect((await ann.get(path)).status).toBe(404)
    expect((await ann.get(`${tasks}/${task.id}`)).body.comment_count).toBe(2)
  })

  test('blank ones, and those of more than 16 KiB, are refused', async () => {
    const task = await make()
    for (const text of [
      '',
      ' \n',
      '\u200b',
      'x'.repeat(16_385),
      '漢'.repeat(5_462),
      '\0',
      '\u0007',
    ]) {
      const { status, body } = await comment(task, text)
      expect([status, body.errors[0].pointer]).toEqual([422, '/text'])
    }
    expect((await comment(task, '漢'.repeat(5_461))).status).toBe(201)
  })

  test('another user’s do not exist', async () => {
    const task = await make()
    const { body } = await comment(task, 'Mine')
    const path = `/api/v1/comments/${body.id}`
    const theirs = [
      await bob.get(`${tasks}/${task.id}/comments`),
      await bob.post(`${tasks}/${task.id}/comments`, { text: 'x' }),
      await bob.get(path),
      await bob.patch(path, { text: 'x' }),
      await bob.delete(path),
    ]
    expect(theirs.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
    expect((await list(task)).items).toEqual([body])
  })

  test('only its author changes one', async () => {
    const task = await make()
    const { body } = await comment(task, 'Mine')
    const { db } = world.deps
    const text = `update comments set created_by = '${bob.id}' where id = '${body.id}'`
    await db.atomic([{ statement: { text, bind: () => [] }, values: {} }])
    const path = `/api/v1/comments/${body.id}`
    const refused = [await ann.patch(path, { text: 'x' }), await ann.delete(path)]
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [403, 'not_author']),
    )
    expect((await ann.get(path)).body).toEqual({ ...body, created_by: bob.id })
  })

  test('on a task in the trash they are read, not changed, and come back with it', async () => {
    const task = await make()
    const { body } = await comment(task, 'Kept')
    await ann.delete(`${tasks}/${task.id}`)
    const path = `/api/v1/comments/${body.id}`
    const refused = [
      await comment(task, 'x'),
      await ann.patch(path, { text: 'x' }),
      await ann.delete(path),
    ]
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [409, 'trashed']),
    )
    expect((await list(task)).items).toEqual([body])
    const restored = (await ann.post(`${tasks}/${task.id}/restore`)).body
    expect(restored.comment_count).toBe(1)
    expect((await ann.patch(path, { text: 'Again' })).status).toBe(200)
  })

  test('many at once are all counted; a repeated key makes one', async () => {
    const task = await make()
    const keyed = { 'Idempotency-Key': task.id }
    const path = `${tasks}/${task.id}/comments`
    await Promise.all([
      ...Array.from({ length: 8 }, (_, i) => comment(task, `Comment ${i}`)),
      ann.post(path, { text: 'Once' }, keyed),
      ann.post(path, { text: 'Once' }, keyed),
    ])
    expect((await list(task)).items).toHaveLength(9)
    expect((await ann.get(`${tasks}/${task.id}`)).body.comment_count).toBe(9)
  })

  test('their bytes are counted, and given back', async () => {
    const task = await make()
    const before = await used()
    const { body } = await comment(task, 'ü'.repeat(100))
    expect((await used()) - before).toBe(200)
    await ann.patch(`/api/v1/comments/${body.id}`, { text: 'ü' })
    expect((await used()) - before).toBe(2)
    await recountBytes(world.deps, ann.id)
    expect((await used()) - before).toBe(2)
    await ann.delete(`/api/v1/comments/${body.id}`)
    expect(await used()).toBe(before)
  })

  test('all of a user’s are read by pages, and go with their task and with the account', async () => {
    const cem = await world.register('Cem')
    const scopes = ['tasks:read', 'tasks:write', 'account:read']
    const { key } = (await cem.post('/api/v1/api-keys', { name: 'Later', scopes })).body
    const later = world.client(key)
    const task = (await cem.post(tasks, { title: 'Goes' })).body
    const stays = (await cem.post(tasks, { title: 'Stays' })).body
    const bytes = async () => (await later.get('/api/v1/me')).body.quotas.bytes.used
    await cem.post(`${tasks}/${stays.id}/comments`, { text: 'Stays' })
    for (let i = 0; i < 3; i++) await cem.post(`${tasks}/${task.id}/comments`, { text: `C ${i}` })
    const ctx = {
      ...world.deps,
      quotas: world.deps.config.quotas,
      actor: { kind: 'system', userId: cem.id, subject: cem.id } as const,
    }
    const page = await allComments(ctx, { after: '00000000-0000-0000-0000-000000000000', limit: 3 })
    expect(page.map(({ text }) => text)).toEqual(['Stays', 'C 0', 'C 1'])
    const next = await allComments(ctx, { after: page[2]?.id as string, limit: 3 })
    expect(next.map(({ text }) => text)).toEqual(['C 2'])
    const [made, changed] = ['2020-01-01T00:00:00.000Z', '2020-01-02T00:00:00.000Z']
    const dated = { edited: true, created_at: made, updated_at: changed }
    const old = { id: world.deps.ids.next(), text: 'From before', ...dated }
    const known = { id: page[0]?.id as string, text: 'Another', ...dated }
    expect(await importComments(ctx, stays.id, [old, known])).toBe(1)
    expect(await importComments(ctx, stays.id, [old, known])).toBe(0)
    const imported = (await later.get(`/api/v1/comments/${old.id}`)).body
    expect(imported).toMatchObject({ ...old, task_id: stays.id, created_by: cem.id })
    expect((await later.get(`${tasks}/${stays.id}`)).body.comment_count).toBe(2)
    await later.delete(`${tasks}/${task.id}`)
    await maintainFor(world, 60, { trashDays: 1 })
    const left = await allComments(ctx, { after: '00000000-0000-0000-0000-000000000000', limit: 9 })
    expect(left.map(({ text }) => text)).toEqual(['Stays', 'From before'])
    const counted = await bytes()
    await recountBytes(world.deps, cem.id)
    expect(await bytes()).toBe(counted)
  })
})
