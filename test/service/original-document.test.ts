// The document of the original contract says of exactly the routes that there are what they take, and
// each other name in it means what it says.
import { afterAll, describe, expect, test } from 'vitest'
import { createOriginal } from '../../src/http/legacy/app.ts'
import { type OpenApi, operationsOf } from '../support/document.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const read = async (of = world) =>
  (await (await of.fetch('/openapi-original.json')).json()) as OpenApi
const document = await read()
const operations = operationsOf(document)
const ann = await world.register('Ann')

test('the operations are the routes, each at its path', () => {
  const routes = createOriginal(world.deps)
    .apps.flatMap((app) => app.routes)
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routes.sort())
  // What is at a server of its own is there and nowhere else.
  const apart = operations.filter(({ servers }) => servers)
  expect(apart.map(({ method, path, key }) => [method, path, key])).toEqual(
    ['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/api/tasks/{id}', '/tasks/{id}']),
  )
})

test('each operation documents what its parts can refuse', () => {
  for (const { operationId, method, path, requestBody, security = [], responses } of operations) {
    const statuses = [
      '429',
      '503',
      '507',
      ...(security.length > 0 ? ['401', '403'] : []),
      ...(path.includes('{id}') ? ['404'] : []),
      ...(path.endsWith('/tasks') && method === 'GET' ? ['400'] : []),
      ...(requestBody ? ['400', '408', '413', '415', '422'] : []),
    ]
    expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(statuses))
    const refusal = responses['403']?.description ?? ''
    expect(refusal.includes('`other_user`'), operationId).toBe(path.includes('{user_id}'))
  }
})

test('a switch of the operator changes what it says', async () => {
  const successOf = (of: OpenApi, path: string) =>
    Object.keys(of.paths[path]?.['delete']?.responses ?? {})[0]
  expect(successOf(document, '/api/{user_id}/tasks/{id}')).toBe('204')
  const other = await createWorld({
    env: { LEGACY_DELETE: '200', PUBLIC_URL: 'https://tasks.example.org' },
  })
  const changed = await read(other)
  await other.close()
  expect(successOf(changed, '/api/{user_id}/tasks/{id}')).toBe('200')
  expect(changed).toMatchObject({
    servers: [{ url: 'https://tasks.example.org' }],
    paths: { '/tasks/{id}': { get: { servers: [{ url: 'https://tasks.example.org/api' }] } } },
  })
})

/** Each name of which `described` says that it is another name of one, and that one. */
const aliasesIn = (described: readonly (readonly [string, { description?: string }])[]) =>
  described.flatMap(([name, { description = '' }]) => {
    const of = /^Another name of `(\w+)`\.$/.exec(description)?.[1]
    return of === undefined ? [] : ([[name, of]] as const)
  })

describe('another name', () => {
  const { properties = {} } = document.components.schemas['NewTask'] as {
    properties?: Record<string, { description?: string }>
  }
  const given: Record<string, unknown> = {
    completed: true,
    due_date: '2026-12-01',
    tags: ['a', 'b'],
  }
  const fields = aliasesIn(Object.entries(properties))
  const parameters = aliasesIn(
    (document.paths['/api/tasks']?.['get']?.parameters ?? []).map((p) => [
      p.name,
      p as { description?: string },
    ]),
  )

  test('there are some of fields and of parameters', () => {
    expect(fields.length).toBeGreaterThan(10)
    expect(parameters.length).toBeGreaterThan(10)
  })

  test.each(fields)('%s of a task means %s', async (name, of) => {
    const { status, body } = await ann.post('/api/tasks', {
      title: 'T',
      [name]: given[of] ?? 'some text',
    })
    expect([status, body[of]]).toEqual([201, given[of] ?? 'some text'])
  })

  test('of a parameter means the same list', async () => {
    const bea = await world.register('Bea')
    const made = [
      { title: 'b milk', tags: ['x'], completed: true, priority: 'low' },
      { title: 'a', tags: ['y'], due_date: '2020-01-01' },
      { title: 'c', tags: ['x', 'y'], priority: 'high' },
    ]
    for (const task of made) await bea.post('/api/tasks', task)
    const values: Record<string, string> = {
      status: 'completed',
      completed: 'false',
      tags: 'x',
      search: 'milk',
      sort: 'title',
      order: 'asc',
      limit: '2',
      offset: '1',
    }
    const whole = (await bea.get('/api/tasks')).text
    for (const [name, of] of parameters) {
      const [expected, found] = await Promise.all(
        [of, name].map((parameter) => bea.get(`/api/tasks?${parameter}=${values[of]}`)),
      )
      expect(found?.text, name).toBe(expected?.text)
      expect(found?.text, `${name} changes the list`).not.toBe(whole)
    }
  })
})
