// How texts are compared: the same on every database, however they were typed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

type Task = { readonly id: string; readonly title: string; readonly labels: readonly string[] }

describeEachDatabase('texts', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const tasks = async (query: Record<string, string>): Promise<Task[]> => {
    const { status, body } = await ann.get(`/api/v1/tasks?${new URLSearchParams(query)}`)
    expect(status, JSON.stringify(body)).toBe(200)
    return body.items
  }
  const make = async (given: object): Promise<Task> => {
    const { status, body } = await ann.post('/api/v1/tasks', { title: 'x', ...given })
    expect(status, JSON.stringify(body)).toBe(201)
    return body
  }

  test.each([
    ['ΟΔΟΣ', ['οδος', 'οδοσ', 'ΟΔΟΣ']],
    ['Hauptstraße', ['HAUPTSTRASSE', 'hauptstrasse', 'HAUPTSTRAẞE']],
    ['İSTANBUL', ['istanbul', 'ıstanbul', 'Istanbul']],
    ['Isparta', ['ısparta', 'ISPARTA', 'İsparta']],
    ['Do\u00adnau\u200bdampf\u2060schiff', ['donaudampfschiff', 'DONAU\u200dDAMPF\ufeffSCHIFF']],
    ['ﬂuß', ['FLUSS', 'fluß']],
    ['Ａｎ\u0301', ['a\u0144', 'AŃ']],
    ['ᏣᎳᎩ', ['ꮳꮃꭹ']],
    ['𐐀𐐁', ['𐐨𐐩']],
  ])('%s is found however it is typed', async (title, words) => {
    const inTitle = await make({ title })
    const inDescription = await make({ description: `- ${title} -` })
    for (const q of [title, ...words])
      expect((await tasks({ q })).map(({ id }) => id).sort(), q).toEqual(
        [inTitle.id, inDescription.id].sort(),
      )
    await ann.patch(`/api/v1/tasks/${inTitle.id}`, { title: 'gone' })
    expect((await tasks({ q: title })).map(({ id }) => id)).toEqual([inDescription.id])
    await ann.delete(`/api/v1/tasks/${inDescription.id}`)
  })

  test('titles that differ in case alone stand together, with spaces at their end in between', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'Sorted' })
    const titles = [
      'straße b',
      'STRASSE a',
      'Strasse',
      'strasse\t',
      'strasse ',
      'strasse',
      'stras',
      'strassé',
    ]
    for (const title of titles) await make({ title, project_id: project.id })
    const sorted = await tasks({ project_id: project.id, sort: 'title' })
    expect(sorted.map(({ title }) => title)).toEqual([
      'stras',
      'Strasse',
      'strasse',
      'strasse\t',
      'strasse ',
      'STRASSE a',
      'straße b',
      'strassé',
    ])
    const descending = await tasks({ project_id: project.id, sort: '-title' })
    expect(descending.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id).reverse())
  })

  test('a name is one however its accents are typed, and is answered composed', async () => {
    const [nfc, nfd] = ['Caf\u00e9 \uac00', 'Cafe\u0301 \u1100\u1161']
    const first = await make({ labels: [nfd] })
    expect(first.labels).toEqual([nfc])
    const second = await make({ labels: [nfc, nfd, ` ${nfd} `] })
    expect(second.labels).toEqual([nfc])
    const { body: labels } = await ann.get('/api/v1/labels?limit=200')
    expect(labels.items.filter(({ name }: { name: string }) => name === nfc)).toHaveLength(1)
    for (const label of [nfc, nfd])
      expect((await tasks({ label })).map(({ id }) => id)).toEqual([first.id, second.id])
    expect((await ann.post('/api/v1/labels', { name: nfd })).body).toMatchObject({
      code: 'name_taken',
    })
    const made = (await ann.post('/api/v1/labels', { name: 'o\u0308' })).body
    expect(made.name).toBe('\u00f6')
    const renamed = await ann.patch(`/api/v1/labels/${made.id}`, { name: nfd })
    expect(renamed.body.code).toBe('name_taken')
    expect((await ann.patch(`/api/v1/labels/${made.id}`, { name: 'o\u0308' })).body).toEqual(made)

    const project = (await ann.post('/api/v1/projects', { name: nfd })).body
    expect(project.name).toBe(nfc)
    expect((await ann.patch(`/api/v1/projects/${project.id}`, { name: nfd })).body).toEqual(project)
    expect((await ann.patch('/api/v1/me', { name: nfd })).body.name).toBe(nfc)
    const key = await ann.post('/api/v1/api-keys', { name: nfd, scopes: ['tasks:read'] })
    expect(key.body.name).toBe(nfc)
  })

  test('names of the longest kind fit in each form, longer ones in none', async () => {
    const sixty = '\u1e69'.repeat(60)
    expect((await make({ labels: [sixty.normalize('NFD')] })).labels).toEqual([sixty])
    expect(await tasks({ label: sixty.normalize('NFD') })).toHaveLength(1)
    for (const name of [`${sixty}a`, `${sixty}a`.normalize('NFD'), 'a\u0301'.repeat(100_000)])
      expect((await ann.post('/api/v1/labels', { name })).body.errors).toMatchObject([
        { pointer: '/name', code: 'length' },
      ])
    // Some characters are longer when they are composed.
    expect((await ann.post('/api/v1/labels', { name: '\u0958'.repeat(31) })).status).toBe(422)
    expect((await ann.post('/api/v1/labels', { name: '\u0958'.repeat(30) })).status).toBe(201)
  })

  test('case, accents and spaces are part of a name, also at its end', async () => {
    const home = await make({ labels: ['HOME'] })
    const other = await make({ labels: ['home', 'hömé'] })
    expect((await tasks({ label: 'HOME' })).map(({ id }) => id)).toEqual([home.id])
    for (const label of ['HOME ', 'HOME\u00a0', ' HOME', 'Home', 'HOM\u0301E', 'HOME\t'])
      expect(await tasks({ label }), JSON.stringify(label)).toEqual([])
    expect((await tasks({ label: 'home' })).map(({ id }) => id)).toEqual([other.id])
    expect((await make({ labels: ['HOME ', 'HOME'] })).labels).toEqual(['HOME'])
  })

  const blank = [
    ' ',
    '\u200b',
    '\u3164',
    '\u2800',
    '\u202e',
    '\u115f\u1160',
    '\u17b4',
    '\uffa0',
    '\ufe0f',
    '\u{e0061}\u{e007f}',
    '\u00ad',
    '\u2060\u206f',
    '\ufeff',
    '\u3000\u2028',
    ' \u200b\u2800\u202e\u3164 ',
    '\u0085',
    '\ufffa',
  ]
  test.each(blank)('%j alone is neither a title nor a name', async (given) => {
    const before = (await tasks({})).length
    const task = await make({})
    for (const [path, body, pointer] of [
      ['/api/v1/tasks', { title: given }, '/title'],
      ['/api/v1/tasks', { title: 'x', labels: [given] }, '/labels/0'],
      ['/api/v1/projects', { name: given }, '/name'],
      ['/api/v1/labels', { name: given }, '/name'],
      ['/api/v1/api-keys', { name: given, scopes: ['tasks:read'] }, '/name'],
    ] as const) {
      const { status, body: problem } = await ann.post(path, body)
      expect(status, path).toBe(422)
      expect(problem.errors, path).toMatchObject([
        { pointer, code: expect.stringMatching(/^(blank|length)$/) },
      ])
    }
    const patched = await ann.patch(`/api/v1/tasks/${task.id}`, { title: given })
    expect(patched.status).toBe(422)
    expect((await ann.patch('/api/v1/me', { name: given })).status).toBe(422)
    const registered = await world.anonymous.post('/api/v1/auth/register', {
      email: 'blank@example.org',
      password: 'a heron on the pier',
      name: given,
    })
    expect(registered.status).toBe(422)
    const original = `/api/${ann.id}/tasks`
    expect((await ann.post(original, { title: given })).status).toBe(400)
    expect((await ann.put(`${original}/${task.id}`, { title: given })).status).toBe(400)
    expect((await tasks({})).length).toBe(before + 1)
    await ann.delete(`/api/v1/tasks/${task.id}`)
    expect((await make({ title: `${given}.${given}` })).title).toBe(`${given}.${given}`)
  })

  test('a description has at most 65,536 bytes in UTF-8, and the refusal says so', async () => {
    for (const [letter, fits] of [
      ['a', 65_536],
      ['é', 32_768],
      ['漢', 21_845],
      ['🦊', 16_384],
    ] as const) {
      const { id } = await make({ description: letter.repeat(fits) })
      const refused = await ann.patch(`/api/v1/tasks/${id}`, {
        description: letter.repeat(fits + 1),
      })
      expect(refused.status).toBe(422)
      expect(refused.body.errors[0]).toMatchObject({
        pointer: '/description',
        code: 'length',
        detail: expect.stringContaining('65,536 bytes in UTF-8'),
      })
    }
    const { description } = (
      world.document as never as {
        components: {
          schemas: Record<string, { properties: Record<string, { description: string }> }>
        }
      }
    ).components.schemas['NewTask']?.properties['description'] ?? { description: '' }
    expect(description).toContain('65,536 bytes in UTF-8')
  })
})
