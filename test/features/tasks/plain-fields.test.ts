// The plain fields of a task: deadline, estimate, URL, external id, and long descriptions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'
type Made = { id: string; title: string }

describeEachDatabase('plain fields', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 5 } })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const make = async (fields: object = {}) =>
    (await ann.post(tasks, { title: 'Sweep', ...fields })).body
  const project = async (name: string) => (await ann.post('/api/v1/projects', { name })).body

  test('tasks are filtered by their deadline, and sorted: those without one come last', async () => {
    const cem = await world.register('Cem')
    const dated = ['2026-12-03', null, '2026-12-01', '2026-12-02', null]
    for (const [i, deadline] of dated.entries())
      await cem.post(tasks, { title: `${i} ${deadline}`, deadline })
    const titles = async (query: string) => {
      const found: string[] = []
      let cursor = ''
      do {
        const { body } = await cem.get(`${tasks}?limit=2&${query}${cursor}`)
        found.push(...body.items.map((t: Made) => t.title.slice(0, 1)))
        cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
      } while (cursor !== '')
      return found.join('')
    }
    expect(await titles('sort=deadline')).toBe('23014')
    expect(await titles('sort=-deadline')).toBe('03241')
    expect(await titles('sort=deadline&q=2026')).toBe('230')
    expect(await titles('sort=deadline&deadline_before=2026-12-03')).toBe('23')
    expect(await titles('deadline_after=2026-12-02')).toBe('03')
    expect(await titles('deadline_after=2026-12-02&deadline_before=2026-12-03')).toBe('3')
    const wrong = await cem.get(`${tasks}?deadline_before=2026-12-03T00:00:00Z`)
    expect([wrong.status, wrong.body.errors[0].parameter]).toEqual([422, 'deadline_before'])
  })

  test('an external id is one task’s in a project, those in the trash included', async () => {
    const [shed, attic] = [await project('Shed'), await project('Attic')]
    const fields = { project_id: shed.id, external_id: ' todoist:7 ' }
    const one = await make(fields)
    expect(one.external_id).toBe('todoist:7')
    const other = await make({ ...fields, project_id: attic.id })
    const taken = await ann.post(tasks, { title: 'x', ...fields })
    expect([taken.status, taken.body.code]).toEqual([409, 'external_id_taken'])
    expect(taken.body.detail).toContain(one.id)
    expect(taken.body.errors[0]).toMatchObject({ pointer: '/external_id', code: 'taken' })
    const bob = await world.register('Bob')
    expect((await bob.post(tasks, { title: 'x', external_id: 'todoist:7' })).status).toBe(201)
    const found = (await ann.get(`${tasks}?external_id=todoist:7`)).body.items
    expect(found.map((t: Made) => t.id).sort()).toEqual([one.id, other.id].sort())
    const codes = [
      await ann.patch(`${tasks}/${other.id}`, { project_id: shed.id }),
      await ann.post(`${tasks}/${other.id}/move`, { project_id: shed.id }),
      await ann.patch(`${tasks}/${(await make({ project_id: shed.id })).id}`, {
        external_id: 'todoist:7',
      }),
    ].map(({ status, body }) => [status, body.code])
    expect(codes).toEqual(codes.map(() => [409, 'external_id_taken']))
    await ann.delete(`${tasks}/${one.id}`)
    expect((await ann.post(tasks, { title: 'x', ...fields })).status).toBe(409)
    expect((await ann.post(`${tasks}/${one.id}/restore`)).status).toBe(200)
    expect((await ann.patch(`${tasks}/${one.id}`, { external_id: null })).status).toBe(200)
    const moved = await ann.patch(`${tasks}/${other.id}`, { project_id: shed.id, title: 'Moved' })
    expect(moved.body).toMatchObject({ project_id: shed.id, external_id: 'todoist:7' })
  })

  test('of many who claim an external id at once one gets it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ann.post(tasks, { title: 'x', external_id: 'once' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
  })

  test.each([
    ['few', 1],
    ['many', 12],
  ])('%s subtasks do not bring one along that is taken where they go', async (_, count) => {
    const [shed, attic] = [await project('Shed'), await project('Attic')]
    const parent = await make({ project_id: shed.id })
    for (let i = 0; i < count; i++)
      await make({ parent_id: parent.id, external_id: `of ${count} ${i}` })
    const there = await make({ project_id: attic.id, external_id: `of ${count} 0` })
    const refused = await ann.patch(`${tasks}/${parent.id}`, { project_id: attic.id })
    expect([refused.status, refused.body.code]).toEqual([409, 'external_id_taken'])
    await ann.patch(`${tasks}/${there.id}`, { external_id: null })
    const moved = await ann.patch(`${tasks}/${parent.id}`, { project_id: attic.id })
    expect(moved.body.project_id).toBe(attic.id)
    // The project goes, and what is in it comes back to the inbox.
    await ann.delete(`/api/v1/projects/${attic.id}`)
    const inbox = await make({ external_id: `of ${count} 0` })
    const back = await ann.post(`${tasks}/${parent.id}/restore`)
    expect([back.status, back.body.code]).toEqual([409, 'external_id_taken'])
    await ann.patch(`${tasks}/${inbox.id}`, { external_id: null })
    expect((await ann.post(`${tasks}/${parent.id}/restore`)).status).toBe(200)
  })

  test('a description has 64 KiB of UTF-8, which are stored, found and counted', async () => {
    const texts = [`${'x'.repeat(65_530)} lynx`, '漢'.repeat(21_845), '🦉'.repeat(16_384)]
    for (const description of texts) {
      const made = await ann.post(tasks, { title: 'Long', description })
      expect(made.status).toBe(201)
      expect((await ann.get(`${tasks}/${made.body.id}`)).body.description).toBe(description)
    }
    const found = (await ann.get(`${tasks}?q=lynx`)).body.items
    expect(found).toHaveLength(1)
    for (const description of ['x'.repeat(65_537), '漢'.repeat(21_846), '🦉'.repeat(16_385)]) {
      const { status, body } = await ann.post(tasks, { title: 'Long', description })
      expect([status, body.errors[0].pointer]).toEqual([422, '/description'])
    }
  })
})

describe('what the plain fields take', async () => {
  const world = await createWorld()
  const ann = await world.register('Ann')
  const answer = async (fields: object) => {
    const { status, body } = await ann.post(tasks, { title: 'Sweep', ...fields })
    return status === 201 ? body : body.errors[0]
  }

  test.each([
    'https://example.org/a?b=c#d',
    'HTTP://example.org',
    'http://[::1]:8000/',
    'mailto:ada@example.org',
    'tel:+4930123456',
    'https://exämple.org/ü',
  ])('the URL %s', async (url) => expect((await answer({ url })).url).toBe(url))

  test.each([
    '',
    'example.org',
    '/path',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.org/x',
    'https:example.org',
    'http://',
    'https://example.org/a b',
    'https://example.org/\n',
    'mailto:',
    `https://example.org/${'x'.repeat(2_030)}`,
  ])('not the URL %j', async (url) =>
    expect(await answer({ url })).toMatchObject({ pointer: '/url', code: 'url' }),
  )

  test.each([1, 45, 525_600])('an estimate of %i minutes', async (estimate_minutes) =>
    expect((await answer({ estimate_minutes })).estimate_minutes).toBe(estimate_minutes),
  )
  test.each([0, -1, 1.5, 525_601, '45', 1e300, true])('not an estimate of %j', async (given) =>
    expect((await answer({ estimate_minutes: given })).pointer).toBe('/estimate_minutes'),
  )

  test.each(['', ' ', 'a\nb', 'x'.repeat(192), '\u200b', 7])(
    'not the external id %j',
    async (external_id) => expect((await answer({ external_id })).pointer).toBe('/external_id'),
  )

  test.each(['2026-02-30', '2026-12-01T09:00:00', '', '999-01-01', 20261201])(
    'not the deadline %j',
    async (deadline) => expect((await answer({ deadline })).pointer).toBe('/deadline'),
  )

  test('each is cleared by null, and takes its default in a PUT', async () => {
    const fields = {
      deadline: '2026-12-24',
      estimate_minutes: 45,
      url: 'https://example.org/',
      external_id: 'ours:1',
    }
    const made = await answer(fields)
    expect(made).toMatchObject(fields)
    const cleared = Object.fromEntries(Object.keys(fields).map((field) => [field, null]))
    const patched = (await ann.patch(`${tasks}/${made.id}`, cleared)).body
    expect(patched).toMatchObject(cleared)
    const full = (await ann.patch(`${tasks}/${made.id}`, fields)).body
    const put = await ann.put(
      `${tasks}/${made.id}`,
      { title: 'Sweep' },
      { 'If-Match': `"${full.rev}"` },
    )
    expect(put.body).toMatchObject(cleared)
  })

  test('their bytes are counted, and given back', async () => {
    const used = async () => (await ann.get('/api/v1/me')).body.quotas.bytes.used
    const made = await answer({ url: 'https://example.org/', external_id: 'ours:2' })
    const before = await used()
    await ann.patch(`${tasks}/${made.id}`, { url: null, external_id: null })
    expect(before - (await used())).toBe('https://example.org/ours:2'.length)
  })
})
