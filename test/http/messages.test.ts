// What people read when something does not fit: where it is, and a sentence of ours.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationsOf } from '../support/document.ts'
import { type Client, createWorld, type World } from '../support/world.ts'

let world: World
let ann: Client
beforeAll(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterAll(() => world.close())

type Shown = { pointer?: string; parameter?: string; detail: string }
const shown = ({ status, body }: { status: number; body: { errors?: Shown[] } }) => [
  status,
  ...(body.errors ?? []).map(
    ({ pointer, parameter, detail }) => `${pointer ?? parameter}: ${detail}`,
  ),
]
const ID = '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'

const ZONE =
  'A time zone is a name of the IANA database, such as Europe/Berlin, or an offset, such as +05:30.'
const DATETIME =
  'A date and time is YYYY-MM-DDThh:mm:ss without an offset, exists, and lies between the years 1000 and 9998.'
const KINDS = 'This takes {"date"}, {"datetime"} or {"datetime", "time_zone"}.'

test.each([
  [{ datetime: '2026-12-01T09:00:00', time_zone: 'Berlin' }, `/due/time_zone: ${ZONE}`],
  [{ datetime: '2026-12-01T09:00:00Z' }, `/due/datetime: ${DATETIME}`],
  [{ datetime: '2026-12-01', time_zone: 'Europe/Berlin' }, `/due/datetime: ${DATETIME}`],
  [{ date: 7 }, '/due/date: This takes text, not a number.'],
  [
    { date: '2026-12-01', time_zone: 'Europe/Berlin' },
    '/due/time_zone: A date has no time_zone; use datetime.',
  ],
  [
    { kind: 'day', datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
    '/due/kind: With these fields the kind is zoned.',
  ],
  [
    { kind: 'zoned', datetime: '2026-12-01T09:00:00' },
    '/due/kind: With these fields the kind is floating.',
  ],
  [{ kind: 'floating', date: '2026-12-01' }, '/due/kind: With these fields the kind is day.'],
  [{ kind: 'Day', date: '2026-12-01' }, '/due/kind: With these fields the kind is day.'],
  [{ kind: null, date: '2026-12-01' }, '/due/kind: With these fields the kind is day.'],
  [{ kind: 'day' }, `/due: ${KINDS}`],
  [{}, `/due: ${KINDS}`],
  ['2026-12-01', `/due: ${KINDS}`],
])('a due of %j', async (due, detail) => {
  expect(shown(await ann.post('/api/v1/tasks', { title: 'Tea', due }))).toEqual([422, detail])
})

test('a patch that gives a day a time zone', async () => {
  const { body } = await ann.post('/api/v1/tasks', { title: 'Tea', due: { date: '2026-12-01' } })
  const patched = await ann.patch(`/api/v1/tasks/${body.id}`, {
    due: { time_zone: 'Europe/Berlin' },
  })
  expect(shown(patched)).toEqual([422, '/due: A date has no time_zone; use datetime.'])
})

test.each([
  [{ title: 7 }, '/title: This takes text, not a number.'],
  [{ title: null }, '/title: This takes text, not null.'],
  [{}, '/title: This is required.'],
  [{ title: '' }, '/title: This takes 1 to 500 characters.'],
  [{ title: ' ' }, '/title: A title is not blank.'],
  [{ title: 'Tea', project_id: '17' }, '/project_id: This takes an id, which is a UUID.'],
  [
    { title: 'Tea', priority: 'highest' },
    '/priority: This takes one of none, low, medium, high, urgent.',
  ],
  [{ title: 'Tea', labels: 'home' }, '/labels: This takes a list, not text.'],
  [{ title: 'Tea', labels: Array(51).fill('a') }, '/labels: This takes at most 50 items.'],
  [{ title: 'Tea', colour: 'red' }, '/colour: There is no field "colour" here.'],
  [[], ': This takes an object, not a list.'],
])('a task of %j', async (body, detail) => {
  expect(shown(await ann.post('/api/v1/tasks', body))).toEqual([422, detail])
})

test.each([
  ['staus=pending', 'staus: There is no parameter "staus" here.'],
  ['status=done', 'status: This takes one of pending, in_progress, completed, cancelled.'],
  [
    'updated_since=today',
    'updated_since: This takes an instant (RFC 3339), such as 2026-12-01T09:00:00Z.',
  ],
  ['parent_id=17', 'parent_id: This takes none or an id, which is a UUID.'],
])('a list with %s', async (query, detail) => {
  expect(shown(await ann.get(`/api/v1/tasks?${query}`))).toEqual([422, detail])
})

describe('what the service sets', () => {
  test.each(['id', 'completed_at', 'position', 'rev'])(
    '%s is read-only in a patch',
    async (field) => {
      const { body } = await ann.post('/api/v1/tasks', { title: 'Tea' })
      const patched = await ann.patch(`/api/v1/tasks/${body.id}`, { [field]: ID })
      expect(shown(patched)).toEqual([
        422,
        `/${field}: ${field} is read-only: the service sets it. Leave it out.`,
      ])
      expect(patched.body.errors).toMatchObject([{ code: 'read_only' }])
      expect((await ann.get(`/api/v1/tasks/${body.id}`)).body).toEqual(body)
    },
  )
})

test('If-Match tells a revision that is over from what was never one', async () => {
  const { body } = await ann.post('/api/v1/tasks', { title: 'Tea' })
  const patch = (tag: string) =>
    ann.send('PATCH', `/api/v1/tasks/${body.id}`, { title: 'Coffee' }, { 'If-Match': tag })
  const [over, never] = [await patch(`"${ID}"`), await patch('"17"')]
  expect([over.status, over.body.detail]).toEqual([
    412,
    expect.not.stringContaining('not a revision'),
  ])
  expect([never.status, never.body.detail]).toEqual([
    412,
    expect.stringContaining('or it is not a revision'),
  ])
  expect((await patch(`"${body.rev}"`)).status).toBe(200)
})

test("no fault of any body is in a library's words", async () => {
  const open = await createWorld({ env: { RATE_LIMIT: 'off' } })
  const eve = await open.register('Eve')
  const details = new Set<string>()
  for (const { method, path, requestBody } of operationsOf(open.document)) {
    const { schema } = Object.values(requestBody?.content ?? {})[0] ?? {}
    const { properties = {} } = (open.document.components.schemas[
      schema?.$ref?.split('/').at(-1) ?? ''
    ] ?? {}) as { properties?: object }
    for (const field of Object.keys(properties))
      for (const value of [
        7,
        1.5,
        true,
        null,
        '',
        'x',
        {},
        { x: 1 },
        [],
        [7],
        ['x'],
        Array(60).fill('x'),
        'x'.repeat(20_000),
      ]) {
        const { body } = await eve.send(
          method,
          path.replace('{id}', ID),
          { [field]: value },
          { 'If-Match': '*' },
        )
        for (const { detail } of body?.errors ?? []) details.add(detail)
      }
  }
  await open.close()
  expect(details.size).toBeGreaterThan(30)
  expect(
    [...details].filter((detail) =>
      /Invalid|expected|received|Too (big|small)|nrecognized|does not fit/.test(detail),
    ),
  ).toEqual([])
})

describe('the original contract', () => {
  test('says what is missing', async () => {
    const { status, body } = await ann.post(
      `/api/${(await ann.get('/api/v1/me')).body.id}/tasks`,
      {},
    )
    expect([status, body.detail]).toEqual([400, 'The title is missing.'])
  })

  test('says where this API is, to whoever meant that', async () => {
    const { status, body } = await ann.get('/api/v2/tasks')
    expect([status, body.code]).toEqual([403, 'other_user'])
    expect(body.detail).toContain('/api/v1')
  })
})

test.each([
  ['status=pending,in_progress', 'status: This takes one of'],
  [`project_id=${ID},${ID}`, 'project_id: This takes an id, which is a UUID.'],
])('a parameter with several values in one: %s', async (query, begin) => {
  const [status, said] = shown(await ann.get(`/api/v1/tasks?${query}`))
  expect(status).toBe(422)
  expect(said).toMatch(new RegExp(`^${begin}.* Repeat the parameter for several\\.$`))
})

test('no such hint where a parameter stands once, or a value has no comma', async () => {
  for (const query of ['status=lost', 'sort=due,title', 'limit=1,2']) {
    const [status, said] = shown(await ann.get(`/api/v1/tasks?${query}`))
    expect(status).toBe(422)
    expect(said).not.toContain('Repeat')
  }
})

test('what is no list is not counted as well, and one item is one', async () => {
  const bulk = (filter: object) =>
    ann.post('/api/v1/tasks/bulk', { filter, change: { action: 'complete' }, dry_run: true })
  expect(shown(await bulk({ project_id: ID }))).toEqual([
    422,
    '/filter/project_id: This takes a list, not text.',
  ])
  expect(shown(await bulk({ status: [] }))).toEqual([
    422,
    '/filter/status: This takes at least 1 item.',
  ])
})

test('an operation of a batch that is misspelt', async () => {
  const said = async (operation: string) => {
    const { body } = await ann.post('/api/v1/batch', { operations: [{ operation }] })
    return body.results?.[0]?.body.detail ?? body.errors?.[0]?.detail
  }
  expect(await said('createtask')).toBe('There is no operation "createtask". Write createTask.')
  expect(await said('nonsense')).toMatch(/operationId.*\/openapi\.json/)
})

test('fields that a verb does not know are told', async () => {
  const { body } = await ann.post('/api/v1/tasks', { title: 'Tea' })
  for (const verb of ['complete', 'reopen', 'skip', 'restore'])
    expect(shown(await ann.post(`/api/v1/tasks/${body.id}/${verb}`, { nonsense: 1 }))).toEqual([
      422,
      '/nonsense: There is no field "nonsense" here.',
    ])
  const occurrence = { date: '2026-12-01' }
  for (const verb of ['complete', 'reopen', 'skip']) {
    const { status, body: refused } = await ann.post(`/api/v1/tasks/${body.id}/${verb}`, {
      occurrence,
    })
    expect([status, refused.code]).toEqual([409, 'not_recurring'])
  }
})
