import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, testClock, type User, type World } from '../../support/world.ts'

type Made = { id: string; updated_at: string; title: string }

describeEachDatabase('lists of tasks', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open, clock: testClock(Date.UTC(2026, 10, 23, 22, 30)) })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const make = async (title: string, fields: object = {}): Promise<Made> =>
    (await ann.post('/api/v1/tasks', { title, ...fields })).body
  const list = async (query: string) => {
    const { status, body } = await ann.get(`/api/v1/tasks?${query}`)
    if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`)
    return body.items.map(({ title }: Made) => title)
  }

  test('sorted by due, a task whose due goes while the page is read is on it once', async () => {
    const { db, close } = await open()
    let between = async () => {}
    const all: typeof db.all = async (...asked) => {
      const rows = await db.all(...asked)
      await between()
      return rows
    }
    const other = await createWorld({ open: async () => ({ db: { ...db, all }, close }) })
    onTestFinished(() => other.close())
    const bob = await other.register('Bob')
    const { id } = (await bob.post('/api/v1/tasks', { title: 'Sweep' })).body
    const due = { date: '2026-12-01' }
    for (const [before, after] of [
      [due, null],
      [null, due],
    ]) {
      await bob.patch(`/api/v1/tasks/${id}`, { due: before })
      between = async () => {
        between = async () => {}
        await bob.patch(`/api/v1/tasks/${id}`, { due: after })
      }
      expect(
        (await bob.get('/api/v1/tasks?sort=due')).body.items.map((task: Made) => task.id),
      ).toEqual([id])
    }
  })

  test('sorted by due with as many filters as there may be', async () => {
    const many = Array.from({ length: 16 }, (_, i) => i)
    const projects = await Promise.all(
      many.map(
        async (i) => (await ann.post('/api/v1/projects', { name: `Many ${i}` })).body.id as string,
      ),
    )
    const parents = await Promise.all(
      many.map(async (i) => (await make(`parent ${i}`, { project_id: projects[0] })).id),
    )
    const child = (title: string, due: object | null) =>
      make(title, { parent_id: parents[3], labels: ['many 3'], due })
    await child('undated', null)
    await child('dated', { date: '2026-12-01' })
    const filters = [
      ...projects.map((id) => `project_id=${id}`),
      ...many.map((i) => `label=many%20${i}`),
      ...['pending', 'in_progress', 'completed', 'cancelled'].map((name) => `status=${name}`),
      ...['none', 'low', 'medium', 'high', 'urgent'].map((name) => `priority=${name}`),
      ...parents.map((id) => `parent_id=${id}`),
    ]
    expect(await list(`${filters.join('&')}&sort=due`)).toEqual(['dated', 'undated'])
    expect(await list(`${filters.slice(16).join('&')}&sort=due`)).toEqual(['dated', 'undated'])
  })

  test('every sort, both ways, in pages of any size: each task once, in order', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'Sorted' })
    const tasks: (Made & Record<string, unknown>)[] = []
    const dues = [
      null,
      { date: '2026-12-01' },
      { datetime: '2026-12-01T00:00:00' },
      { datetime: '2026-11-30T23:59:59', time_zone: 'Asia/Kolkata' },
      { date: '2026-12-01' },
    ]
    const priorities = ['none', 'urgent', 'low']
    const names = ['Straße', 'zebra', 'Äpfel', 'apple', 'Apple', '!', '🦊', 'apple']
    for (let i = 0; i < 23; i++)
      tasks.push(
        (
          await ann.post('/api/v1/tasks', {
            title: names[i % names.length],
            project_id: project.id,
            due: dues[i % dues.length],
            priority: priorities[i % 3],
          })
        ).body,
      )
    for (const i of [3, 11, 5])
      await ann.patch(`/api/v1/tasks/${tasks[i]!.id}`, { description: 'touched' })
    const rank = ['none', 'low', 'medium', 'high', 'urgent']
    type Any = Record<string, never> & {
      due: { date?: string; datetime?: string } | null
      title: string
      priority: string
      updated_at: string
      id: string
      position: string
    }
    const bytes = (text: string) =>
      [...text].map((c) => c.codePointAt(0)!.toString(16).padStart(6, '0')).join('')
    const keys: Record<string, (task: Any) => string> = {
      created_at: () => '',
      updated_at: (task) => task.updated_at,
      due: (task) => (task.due === null ? '' : (task.due.date ?? task.due.datetime ?? '')),
      priority: (task) => String(rank.indexOf(task.priority)),
      position: (task) => task.position,
      title: (task) => bytes(task.title.normalize('NFKC').toLowerCase()),
    }
    const all = (await ann.get(`/api/v1/tasks?project_id=${project.id}&limit=200`)).body
      .items as Any[]
    expect(all).toHaveLength(23)
    for (const [name, keyOf] of Object.entries(keys))
      for (const descending of [false, true])
        for (const limit of [1, 4, 23]) {
          const compare = (a: Any, b: Any) => {
            const [x, y] = [keyOf(a), keyOf(b)]
            if (name === 'due' && (x === '') !== (y === '')) return x === '' ? 1 : -1
            const order = x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1
            return descending && !(name === 'due' && x === '' && y === '')
              ? -order
              : descending
                ? -order
                : order
          }
          const expected = [...all].sort(compare).map(({ id }) => id)
          const seen: string[] = []
          let path: string | undefined =
            `/api/v1/tasks?project_id=${project.id}&sort=${descending ? '-' : ''}${name}&limit=${limit}`
          while (path !== undefined) {
            const page = await ann.get(path)
            seen.push(...page.body.items.map(({ id }: Made) => id))
            const link = page.headers.get('Link')?.match(/^<([^>]+)>; rel="next"$/)?.[1]
            expect(link === undefined).toBe(page.body.next_cursor === null)
            path = link
          }
          expect(seen, `${descending ? '-' : ''}${name}, ${limit} a page`).toEqual(expected)
        }
  })

  test('filters narrow, repeated ones widen, and a title is found by its words whatever their case', async () => {
    const { body: garden } = await ann.post('/api/v1/projects', { name: 'Garden' })
    const oak = await make('Plant the Oak 100%', {
      project_id: garden.id,
      labels: ['spring', 'heavy'],
      priority: 'high',
      description: 'ÜBER dem Zaun',
    })
    await make('Cut the_hedge', {
      project_id: garden.id,
      labels: ['autumn'],
      status: 'in_progress',
    })
    await make('Below the oak', { parent_id: oak.id, project_id: garden.id })
    const within = (query: string) => list(`project_id=${garden.id}&${query}`)
    expect(await within('status=pending')).toEqual(['Plant the Oak 100%', 'Below the oak'])
    expect(await within('status=pending&status=in_progress&status=cancelled')).toHaveLength(3)
    expect(await within('priority=high&priority=urgent')).toEqual(['Plant the Oak 100%'])
    expect(await within('label=spring')).toEqual(['Plant the Oak 100%'])
    expect(await within('label=spring&label=autumn&label=heavy')).toEqual([
      'Plant the Oak 100%',
      'Cut the_hedge',
    ])
    expect(await within('label=Spring')).toEqual([])
    expect(await within(`parent_id=${oak.id}`)).toEqual(['Below the oak'])
    expect(await within('parent_id=none')).toEqual(['Plant the Oak 100%', 'Cut the_hedge'])
    expect(await within(`parent_id=none&parent_id=${oak.id}`)).toHaveLength(3)
    for (const [q, found] of [
      ['OAK', 2],
      ['oak plant', 1],
      ['über', 1],
      ['100%25', 1],
      ['the_', 1],
      ['th__', 0],
      ['%25', 1],
      ["'", 0],
      ['!', 0],
    ] as const)
      expect([q, await within(`q=${q}`)]).toEqual([q, expect.objectContaining({ length: found })])
    const since = oak.updated_at
    expect(await within(`updated_since=${since}`)).toHaveLength(3)
    world.clock.advance(1000)
    await ann.patch(`/api/v1/tasks/${oak.id}`, { title: 'Oak' })
    expect(
      await within(
        `updated_since=${encodeURIComponent(new Date(Date.parse(since) + 500).toISOString().replace('Z', '+00:00'))}`,
      ),
    ).toEqual(['Oak'])
  })

  test('due is compared by the instant where there is a zone, else by the clock on the caller’s wall', async () => {
    // 22:30 UTC on the 23rd is 04:00 on the 24th there
    await ann.patch('/api/v1/me', { time_zone: 'Asia/Kolkata' })
    const { body: project } = await ann.post('/api/v1/projects', { name: 'Due' })
    const due = (title: string, at: object | null, status = 'pending') =>
      make(title, { project_id: project.id, due: at, status })
    await due('yesterday', { date: '2026-11-23' })
    await due('today', { date: '2026-11-24' })
    await due('floating past', { datetime: '2026-11-24T03:59:00' })
    await due('floating to come', { datetime: '2026-11-24T04:30:00' })
    await due('zoned past', { datetime: '2026-11-23T23:00:00', time_zone: 'Europe/Berlin' })
    await due('zoned to come', { datetime: '2026-11-23T18:00:00', time_zone: 'America/New_York' })
    await due('done', { date: '2026-11-01' }, 'completed')
    await due('never', null)
    const within = (query: string) => list(`project_id=${project.id}&${query}`)
    expect(await within('overdue=true')).toEqual(['yesterday', 'floating past', 'zoned past'])
    expect(await within('overdue=false')).toEqual([
      'today',
      'floating to come',
      'zoned to come',
      'done',
      'never',
    ])
    expect(await within('due_before=2026-11-24')).toEqual([
      'yesterday',
      'zoned past',
      'zoned to come',
      'done',
    ])
    expect(await within('due_after=2026-11-24')).toEqual([
      'today',
      'floating past',
      'floating to come',
    ])
    expect(await within('due_before=2026-11-23T22:30:00Z')).toEqual([
      'yesterday',
      'today',
      'floating past',
      'zoned past',
      'done',
    ])
    expect(await within('due_after=2026-11-23T22:30:00Z')).toEqual([
      'floating to come',
      'zoned to come',
    ])
    // midnight there: today is not before it
    expect(await within('due_before=2026-11-23T18:30:00Z')).toEqual(['yesterday', 'done'])
    expect(
      await within('due_after=2026-11-23T18:30:00Z&due_before=2026-11-24T18:30:00Z'),
    ).toHaveLength(5)
  })

  test('in a gap of daylight saving time the offset before it holds, in an overlap the first time counts', async () => {
    const zoned = async (datetime: string) =>
      (await make('dst', { due: { datetime, time_zone: 'Europe/Berlin' } })).id
    const [gap, overlap] = [await zoned('2027-03-28T02:30:00'), await zoned('2027-10-31T02:30:00')]
    const before = async (instant: string, id: string) =>
      (await ann.get(`/api/v1/tasks?due_before=${instant}&limit=200`)).body.items.some(
        (task: Made) => task.id === id,
      )
    expect([
      await before('2027-03-28T01:30:00Z', gap),
      await before('2027-03-28T01:30:01Z', gap),
    ]).toEqual([false, true])
    expect([
      await before('2027-10-31T00:30:00Z', overlap),
      await before('2027-10-31T00:30:01Z', overlap),
    ]).toEqual([false, true])
    expect((await ann.get(`/api/v1/tasks/${gap}`)).body.due).toEqual({
      kind: 'zoned',
      datetime: '2027-03-28T02:30:00',
      time_zone: 'Europe/Berlin',
    })
  })

  test('what cannot be asked is refused, parameter by parameter', async () => {
    const refused = async (query: string) => {
      const { status, body } = await ann.get(`/api/v1/tasks?${query}`)
      return [status, body.errors?.[0]?.parameter, body.errors?.[0]?.code]
    }
    const { next_cursor } = (await ann.get('/api/v1/tasks?limit=1&sort=due')).body
    expect(await refused('limit=0')).toEqual([422, 'limit', 'invalid_format'])
    expect(await refused('limit=201')).toEqual([422, 'limit', 'range'])
    expect(await refused('limit=1&limit=2')).toEqual([422, 'limit', 'repeated'])
    expect(await refused('staus=pending')).toEqual([422, 'staus', 'unknown_field'])
    expect((await refused('status=open')).slice(0, 2)).toEqual([422, 'status'])
    expect(await refused('due_before=2026-02-30')).toEqual([422, 'due_before', 'bound'])
    expect(await refused(`cursor=${next_cursor}`)).toEqual([422, 'cursor', 'other_list'])
    expect(await refused(`cursor=${next_cursor}&sort=due&status=pending`)).toEqual([
      422,
      'cursor',
      'other_list',
    ])
    expect(await refused('cursor=%F0%9F')).toEqual([422, 'cursor', 'malformed'])
    const [list, , id] = JSON.parse(Buffer.from(next_cursor, 'base64url').toString())
    const noDue = Buffer.from(JSON.stringify([list, ' ', id])).toString('base64url')
    expect(await refused(`cursor=${noDue}&sort=due`)).toEqual([422, 'cursor', 'malformed'])
    expect(await refused('project_id=0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f')).toEqual([
      422,
      'project_id',
      'unknown',
    ])
    expect(await refused('parent_id=0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f')).toEqual([
      422,
      'parent_id',
      'unknown',
    ])
  })
})
