// What clients of the original's family send and read, in their words: one session for each need.
import { describe, expect, test } from 'vitest'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
let people = 0
const someone = () => world.register(`Member${people++}`)

describe('a task of the family', () => {
  test('has each field in the spellings that clients read', async () => {
    const ann = await someone()
    const sent = {
      title: 'Pay the rent',
      priority: 'HIGH',
      due_date: '2026-12-01',
      tags: ['home', 'money'],
      category: 'Finance',
      is_recurring: true,
      recurrence_pattern: 'monthly',
      reminderTime: '09:00',
      recurrence_interval: 2,
    }
    const { status, body } = await ann.post('/api/tasks', sent)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      title: 'Pay the rent',
      description: null,
      status: 'pending',
      completed: false,
      is_completed: false,
      user_id: ann.id,
      userId: ann.id,
      priority: 'HIGH',
      due_date: '2026-12-01',
      dueDate: '2026-12-01',
      tags: ['home', 'money'],
      category: 'Finance',
      is_recurring: true,
      isRecurring: true,
      recurrence_pattern: 'monthly',
      recurrencePattern: 'monthly',
      reminder_time: '09:00',
      reminderTime: '09:00',
      recurrence_interval: 2,
      created_at: body.createdAt,
      updated_at: body.updatedAt,
    })
    expect((await ann.get(`/api/tasks/${body.id}`)).body).toEqual(body)
    // The other API has what its model holds, and the rest in `extra`.
    expect((await ann.get(`/api/v1/tasks/${body.id}`)).body).toMatchObject({
      priority: 'high',
      due: { kind: 'day', date: '2026-12-01' },
      labels: ['home', 'money'],
      extra: { category: 'Finance', 'is_recurring.json': 'true', reminder_time: '09:00' },
    })
  })

  test('what a client called it counts as long as it means what the task has', async () => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', {
      title: 'T',
      priority: 'P1',
      status: 'In Progress',
    })
    expect([body.priority, body.status]).toEqual(['P1', 'In Progress'])
    await ann.patch(`/api/v1/tasks/${body.id}`, { priority: 'low', status: 'pending' })
    expect((await ann.get(`/api/tasks/${body.id}`)).body).toMatchObject({
      priority: 'low',
      status: 'pending',
    })
  })

  test.each([
    ['2026-12-01', '2026-12-01', { date: '2026-12-01' }],
    ['2026-12-01T09:30', '2026-12-01T09:30:00', { datetime: '2026-12-01T09:30:00' }],
    ['2026-12-01 09:30:05', '2026-12-01T09:30:05', { datetime: '2026-12-01T09:30:05' }],
    [
      '2026-12-01T09:30:00.000Z',
      '2026-12-01T09:30:00Z',
      { datetime: '2026-12-01T09:30:00', time_zone: 'UTC' },
    ],
    [
      '2026-12-01T09:30:00+0530',
      '2026-12-01T04:00:00Z',
      { datetime: '2026-12-01T04:00:00', time_zone: 'UTC' },
    ],
    ['', null, null],
    [null, null, null],
  ])('is due %j', async (given, answered, due) => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', { title: 'T', dueDate: given })
    expect([body.due_date, body.dueDate]).toEqual([answered, answered])
    expect((await ann.get(`/api/v1/tasks/${body.id}`)).body.due).toEqual(
      due && expect.objectContaining(due),
    )
    // Each kind takes the place of each other one.
    for (const next of ['2027-01-01', '2027-01-01T10:00:00Z', '2027-01-01T10:00:00', given]) {
      const { status, body: now } = await ann.put(`/api/tasks/${body.id}`, { due_date: next })
      expect([status, now.due_date]).toEqual([200, next === given ? answered : next])
    }
  })

  test('a due in a zone reads as its instant', async () => {
    const ann = await someone()
    const due = { datetime: '2026-07-01T09:00:00', time_zone: 'Europe/Berlin' }
    const { body } = await ann.post('/api/v1/tasks', { title: 'T', due })
    expect((await ann.get(`/api/tasks/${body.id}`)).body.due_date).toBe('2026-07-01T07:00:00Z')
  })

  test.each([
    ['priority', { priority: 'soon' }],
    ['priority', { priority: true }],
    ['due_date', { due_date: 'tomorrow' }],
    ['due_date', { due_date: '2026-02-30' }],
    ['due', { due: { kind: 'day', date: '2026-12-01' } }],
    ['tags', { tags: [1] }],
    ['tags', { tags: ['x'.repeat(61)] }],
    ['status', { status: 'started yesterday' }],
    ['completed', { completed: 'yes' }],
  ])('an unfit %s is refused with its name: %j', async (field, fields) => {
    const ann = await someone()
    const { status, body } = await ann.post('/api/tasks', { title: 'T', ...fields })
    expect([status, body.detail]).toEqual([400, expect.stringContaining(field)])
    expect((await ann.get('/api/tasks')).body).toEqual([])
  })

  test('completed and status that contradict each other are refused, and nothing changes', async () => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', { title: 'T' })
    for (const fields of [
      { completed: true, status: 'pending' },
      { is_completed: false, status: 'done' },
    ]) {
      const answer = await ann.put(`/api/tasks/${body.id}`, { title: 'U', ...fields })
      expect([answer.status, answer.body.detail]).toEqual([422, expect.stringContaining('status')])
    }
    expect((await ann.get(`/api/tasks/${body.id}`)).body).toEqual(body)
  })
})

describe('changes', () => {
  test('PUT and PATCH take any part of the fields; the others stay', async () => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', {
      title: 'T',
      description: 'd',
      priority: 'low',
      tags: ['a'],
      category: 'c',
    })
    const task = `/api/${ann.id}/tasks/${body.id}`
    for (const method of ['PUT', 'PATCH']) {
      const done = await ann.send(method, task, { completed: true })
      expect([done.status, done.body]).toMatchObject([
        200,
        { completed: true, status: 'completed', title: 'T', description: 'd', category: 'c' },
      ])
      const open = await ann.send(method, task, { status: 'pending' })
      expect(open.body).toMatchObject({ completed: false, completed_at: null, tags: ['a'] })
      const other = await ann.send(method, task, { title: null, category: null, tags: 'b, a,' })
      expect(other.body).toMatchObject({ title: 'T', category: null, tags: ['a', 'b'] })
      await ann.send(method, task, { category: 'c', tags: ['a'] })
    }
  })

  test.each([
    ['PATCH', 'complete'],
    ['POST', 'complete'],
    ['PATCH', 'toggle'],
    ['POST', 'toggle'],
  ])('%s …/%s toggles', async (method, verb) => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', { title: 'T' })
    const path = `/api/tasks/${body.id}/${verb}`
    const flags: boolean[] = []
    for (let i = 0; i < 3; i++) flags.push((await ann.send(method, path, undefined)).body.completed)
    expect(flags).toEqual([true, false, true])
    for (const name of ['completed', 'is_completed', 'isCompleted', 'done', 'is_done'])
      for (const value of [true, true, false, false])
        expect((await ann.send(method, path, { [name]: value })).body.completed, name).toBe(value)
    expect((await ann.send(method, path, { done: 'yes' })).body.detail).toBe(
      'done is true or false.',
    )
  })

  test('PATCH …/status sets it', async () => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', { title: 'T' })
    const path = `/api/tasks/${body.id}/status`
    expect((await ann.patch(path, { status: 'completed' })).body.completed).toBe(true)
    expect((await ann.patch(path, { status: 'in_progress' })).body).toMatchObject({
      completed: false,
      status: 'in_progress',
    })
    expect((await ann.patch(path, { isCompleted: true, title: 'U' })).body).toMatchObject({
      completed: true,
      title: 'T',
    })
    expect((await ann.patch(path, {})).status).toBe(400)
  })

  test.each([0, 3, '0', 'P4', 'none'])(
    'a priority is answered as it was sent: %j',
    async (given) => {
      const ann = await someone()
      const { body } = await ann.post('/api/tasks', { title: 'T', priority: given })
      expect(body.priority).toBe(given)
    },
  )

  test('DELETE answers 204, or where the operator says so the task', async () => {
    const ann = await someone()
    const { body } = await ann.post('/api/tasks', { title: 'T' })
    expect((await ann.delete(`/api/tasks/${body.id}`)).status).toBe(204)
    const other = await createWorld({ env: { LEGACY_DELETE: '200', LEGACY_LIST: 'tasks' } })
    const bea = await other.register('Bea')
    const { body: made } = await bea.post('/api/tasks', { title: 'T' })
    expect((await bea.get('/api/tasks')).body).toMatchObject({ tasks: [made], total: 1 })
    expect((await bea.get('/api/tasks?envelope=array')).body).toEqual([made])
    const deleted = await bea.delete(`/api/tasks/${made.id}`)
    expect([deleted.status, deleted.body]).toEqual([200, made])
    expect((await bea.get('/api/tasks')).body).toMatchObject({ tasks: [], total: 0 })
    await other.close()
  })
})

describe('lists', () => {
  test('filters, orders and pages', async () => {
    const ann = await someone()
    const make = (fields: object) => ann.post('/api/tasks', fields)
    await make({ title: 'b', priority: 'low', due_date: '2026-12-03', tags: ['x'], category: 'C' })
    await make({ title: 'a', priority: 'high', due_date: '2026-12-01', tags: ['x', 'y'] })
    await make({ title: 'c milk', priority: 'medium', completed: true, tags: ['z'] })
    const titles = async (query: string) => {
      const { status, body, text } = await ann.get(`/api/${ann.id}/tasks?${query}`)
      expect(status, text).toBe(200)
      return (body.tasks ?? body).map(({ title }: { title: string }) => title)
    }
    const expected: Record<string, string[]> = {
      '': ['c milk', 'a', 'b'],
      'status=': ['c milk', 'a', 'b'],
      'status=all': ['c milk', 'a', 'b'],
      'completed=true': ['c milk'],
      'completed=false&sort_by=title': ['a', 'b'],
      'status=completed&completed=false': [],
      'priority=high': ['a'],
      'priority=high,low': ['a', 'b'],
      'search=MILK': ['c milk'],
      'q=nothing': [],
      'tags=y,z': ['c milk', 'a'],
      'tag=x&sort=due_date': ['a', 'b'],
      'category=C': ['b'],
      'sort=due_date&order=asc': ['a', 'b', 'c milk'],
      'sort=dueDate&order=desc': ['b', 'a', 'c milk'],
      'sort_by=priority&sort_order=asc': ['b', 'c milk', 'a'],
      'sort=priority': ['a', 'c milk', 'b'],
      'sort=title&order=DESC': ['c milk', 'b', 'a'],
      'sort=created_at&order=asc': ['b', 'a', 'c milk'],
      'sort=-title': ['c milk', 'b', 'a'],
      'sort=status': ['a', 'b', 'c milk'],
      'limit=2': ['c milk', 'a'],
      'limit=1&offset=1': ['a'],
      'skip=2': ['b'],
      'page=2&limit=2': ['b'],
      'page=3&limit=2': [],
      'unknown=1&_=123': ['c milk', 'a', 'b'],
      'envelope=tasks&limit=1': ['c milk'],
    }
    const found: Record<string, string[]> = {}
    for (const query of Object.keys(expected)) found[query] = await titles(query)
    expect(found).toEqual(expected)
    expect((await ann.get(`/api/tasks?envelope=tasks&limit=1&skip=1`)).body).toMatchObject({
      total: 3,
      count: 1,
      limit: 1,
      offset: 1,
    })
  })

  test.each([
    'status=later',
    'completed=maybe',
    'priority=soon',
    'sort=colour',
    'sort=title&order=up',
    'limit=0',
    'limit=ten',
    'offset=-1',
    'page=0',
    'envelope=box',
    `search=${'x'.repeat(201)}`,
  ])('%s is refused, and never means everything', async (query) => {
    const ann = await someone()
    const { status, body } = await ann.get(`/api/tasks?${query}`)
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/\w/)])
  })

  test('counts and tags', async () => {
    const ann = await someone()
    await ann.post('/api/tasks', { title: 'a', tags: ['x', 'b'], priority: 'high' })
    await ann.post('/api/tasks', { title: 'b', completed: true, tags: ['x'] })
    await ann.post('/api/tasks', { title: 'c', due_date: '2020-01-01' })
    for (const path of ['/api/stats', `/api/${ann.id}/analytics`])
      expect((await ann.get(path)).body).toMatchObject({
        total: 3,
        completed: 1,
        pending: 2,
        overdue: 1,
        completion_rate: 33.3,
        by_priority: { high: 1, none: 2 },
      })
    expect((await ann.get('/api/tags')).body).toEqual(['b', 'x'])
  })
})

describe('paths', () => {
  test('a slash at the end is as none', async () => {
    const ann = await someone()
    const { status, body } = await ann.post(`/api/${ann.id}/tasks/`, { title: 'T' })
    expect(status).toBe(201)
    expect((await ann.get('/api/tasks/')).body).toHaveLength(1)
    expect((await ann.get(`/api/tasks/${body.id}/`)).body.id).toBe(body.id)
    expect((await ann.post('/api/auth/logout/', undefined)).status).toBe(200)
  })

  test('/chat is not part of this service, and says so', async () => {
    const ann = await someone()
    const { status, body } = await ann.post(`/api/${ann.id}/chat`, { message: 'Hello' })
    expect([status, body.code]).toEqual([501, 'not_implemented'])
  })

  test('the other API stays as it is', async () => {
    const ann = await someone()
    expect((await ann.get('/api/v1/tasks')).body).toMatchObject({ items: [], next_cursor: null })
    expect((await ann.get('/api/v1/tasks/')).status).toBe(404)
  })
})
