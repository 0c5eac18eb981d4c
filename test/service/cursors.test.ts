// Every list of the document that has cursors, in each of its orders: its cursor leads to the next
// page, and what is put into a cursor instead is refused or is another place of the list.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, send } from '../features/imports/harness.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { type Operation, operationsOf } from '../support/document.ts'
import { redemptionFor } from '../support/sign-in-codes.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const queryOf = ({ parameters = [] }: Operation) => parameters.filter((one) => one.in === 'query')

/** The parameters of each order of a list: those of `sort`, and flags such as `past`. */
const ordersOf = (operation: Operation): string[] => {
  const query = queryOf(operation)
  const sorts = query.find(({ name }) => name === 'sort')?.schema['enum'] as string[] | undefined
  const flags = query.filter(({ schema }) => String(schema['pattern']).includes('(true)?'))
  return [
    '',
    ...(sorts ?? []).map((sort) => `sort=${sort}`),
    ...flags.map(({ name }) => `${name}=true`),
  ]
}

const base64url = (data: unknown) => Buffer.from(JSON.stringify(data)).toString('base64url')

/** What no page ends with, or another one. */
const keys = [
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(1_000),
  'zzz',
  '9',
  '-1',
  '1.5',
  '1e9',
  '2147483648',
  '9007199254740991',
  '9'.repeat(30),
  'NaN',
  '9999-99-99T99:99:99.999Z',
  '2026-12-01T09:00:00+02:00',
  '0000-01-01T00:00:00.000Z',
  '2026-12-01',
  '2026-02-30',
  'null',
  'infinity',
  'now',
  "'",
  'ä€😀',
]

const spoiled = (cursor: string): string[] => {
  const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  const [list, key, id] = parts as [string, string, string]
  const other = [
    [],
    {},
    null,
    7,
    'x',
    [list],
    [1, 2, 3],
    [list, key, id, id],
    [list, null, id],
    [list, key, 7],
    ['', '', ''],
    ['x', key, id],
    ...keys.map((one) => [list, one, id]),
    ...['', 'x', '\u0000', id.toUpperCase(), '00000000-0000-0000-0000-000000000000'].map((one) => [
      list,
      key,
      one,
    ]),
  ]
  return [
    ...other.map(base64url),
    cursor.slice(1),
    cursor.slice(0, -1),
    cursor.slice(0, 5),
    cursor + cursor,
    `${cursor}==`,
    '*',
    'AAAA',
    '-_-_',
    Buffer.from([0xff, 0xfe]).toString('base64url'),
    'W1',
    'W'.repeat(1_999),
    'W'.repeat(2_001),
  ]
}

describeEachDatabase('cursors', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const made = async (path: string, body?: object) => {
    const answer = await ann.post(`/api/v1/${path}`, body)
    expect(answer.status, answer.text).toBeLessThan(300)
    return answer.body
  }
  const twice = async (path: string, body: (n: number) => object | undefined) => {
    for (const n of [1, 2]) await made(path, body(n))
  }
  const task = async (more: object = {}): Promise<string> =>
    (await made('tasks', { title: 'Sweep', ...more })).id
  const webhook = async () => (await made('webhooks', { url: 'https://example.org/' })).id
  const importFile = async (file: string): Promise<string> => {
    const { body } = await send(world, ann, file, { query: { format: 'todotxt' } })
    await ended(ann, body.id)
    return body.id
  }

  /** For each list: makes several of its things. Answers the id of its path. */
  const several: Record<string, () => Promise<string | undefined> | Promise<void>> = {
    listActivity: () => twice('tasks', () => ({ title: 'Done' })),
    listApiKeys: () => twice('api-keys', (n) => ({ name: `${n}`, scopes: ['tasks:read'] })),
    listComments: async () => {
      const id = await task()
      await twice(`tasks/${id}/comments`, (n) => ({ text: `${n}` }))
      return id
    },
    listWebhookDeliveries: async () => {
      const id = await webhook()
      await twice(`webhooks/${id}/test`, () => undefined)
      return id
    },
    listIdentities: async () => {
      for (let n = 0; n < 2; n++)
        await made('me/identities', {
          ...(await redemptionFor(world.deps, 'link')),
          proof: { password: ann.password },
        })
    },
    listImportNotes: () => importFile('one rec:odd\ntwo rec:odd\nthree rec:odd\n'),
    listImports: async () => {
      for (const file of ['one\n', 'two\n']) await importFile(file)
    },
    listLabels: () => twice('labels', (n) => ({ name: `label ${n}` })),
    listOccurrences: async () => {
      const due = { date: '2026-11-01' }
      const recurrence = { rule: 'FREQ=DAILY', missed: 'keep' }
      const id = await task({ due, recurrence })
      await twice(`tasks/${id}/complete`, () => undefined)
      return id
    },
    listProjectActivity: async () => {
      const { id } = await made('projects', { name: 'House' })
      await twice('tasks', () => ({ title: 'In it', project_id: id }))
      return id
    },
    listProjects: () => twice('projects', (n) => ({ name: `project ${n}` })),
    listReminders: async () =>
      twice(`tasks/${await task()}/reminders`, (n) => ({
        trigger: { kind: 'day', date: `2027-01-0${n}` },
      })),
    listSessions: async () => {
      const { email, password } = ann
      await world.anonymous.post('/api/v1/auth/login', { email, password })
    },
    listTaskActivity: async () => {
      const id = await task()
      await ann.patch(`/api/v1/tasks/${id}`, { title: 'Another' })
      return id
    },
    listTasks: () =>
      twice('tasks', (n) => ({
        title: `${n}`,
        due: { date: `2027-01-0${n}` },
        deadline: `2027-01-0${n}`,
      })),
    listWebhooks: async () => {
      for (let n = 0; n < 2; n++) await webhook()
    },
  }

  test('whatever is in it, it is a place of its list or refused', async () => {
    const lists = operationsOf(world.document).filter((operation) =>
      queryOf(operation).some(({ name }) => name === 'cursor'),
    )
    expect(Object.keys(several).sort(), 'a list has to be named here').toEqual(
      lists.map(({ operationId }) => operationId).sort(),
    )
    for (const list of lists) {
      const id = (await several[list.operationId]?.()) ?? ''
      for (const order of ordersOf(list)) {
        const path = `${list.path.replace('{id}', id)}?limit=1&${order}`
        const first = await ann.get(path)
        expect(first.status, `${path}: ${first.text}`).toBe(200)
        const cursor = first.body.next_cursor
        expect(cursor, `${path}: its list has a second page`).not.toBeNull()
        const second = await ann.get(`${path}&cursor=${cursor}`)
        expect(second.body.items, `${path}: its second page`).toHaveLength(1)
        expect(second.body.items).not.toEqual(first.body.items)
        for (const other of spoiled(cursor)) {
          const { status, text } = await ann.get(`${path}&cursor=${encodeURIComponent(other)}`)
          expect([200, 422], `${path} with ${other.slice(0, 200)}: ${text}`).toContain(status)
        }
      }
    }
  })
})
