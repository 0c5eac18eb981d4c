// The document of the API says of exactly the routes that there are what they do, and its examples do
// that. What holds for the original contract's as well is in documents.test.ts.
import { afterAll, expect, test } from 'vitest'
import { operations as defined } from '../../src/features/operations.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { createSystem } from '../../src/http/system.ts'
import { createV1 } from '../../src/http/v1/index.ts'
import { type Operation, operationsOf } from '../support/document.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const { document } = world
const operations = operationsOf(document)
const isOpen = ({ security = [] }: Operation) => security.length === 0
const isOfApi = ({ path }: Operation) => path.startsWith('/api/v1/')

test('each operation documents what its parts can refuse', () => {
  const takes = ({ parameters = [] }: Operation, where: string, name?: string) =>
    parameters.some((p) => p.in === where && (name === undefined || p.name === name))
  const requiresIfMatch = ({ method }: Operation) => method === 'PUT'
  const implied: readonly [string, readonly string[], (operation: Operation) => boolean][] = [
    ['any operation of the API', ['422', '429', '503'], isOfApi],
    ['one that asks for a credential', ['401', '403'], (o) => !isOpen(o)],
    ['one with a body', ['400', '413', '415', '422'], (o) => o.requestBody !== undefined],
    ['one with an id in its path', ['404'], (o) => takes(o, 'path')],
    ['one that looks at If-Match', ['412'], (o) => takes(o, 'header', 'If-Match')],
    [
      'one that replaces what it looks at',
      ['428'],
      (o) => takes(o, 'header', 'If-Match') && requiresIfMatch(o),
    ],
    ['one that remembers its answer', ['413', '422'], (o) => takes(o, 'header', 'Idempotency-Key')],
  ]
  for (const [kind, statuses, fits] of implied) {
    const fitting = operations.filter(fits)
    expect(fitting.length, kind).toBeGreaterThan(0)
    for (const { operationId, responses } of fitting)
      expect(Object.keys(responses), `${operationId}, ${kind}`).toEqual(
        expect.arrayContaining([...statuses]),
      )
  }
  expect(operations.find(({ path }) => path === '/ready')?.responses).toHaveProperty('503')
})

test('what a page fills in by itself names nothing that would have to be there', () => {
  const invented = operations.flatMap(({ operationId, parameters = [] }) =>
    parameters
      .filter(
        (p) =>
          (p as { example?: unknown }).example !== undefined || p.schema['example'] !== undefined,
      )
      .map(({ name }) => `${operationId} ${name}`),
  )
  expect(invented).toEqual([])
  for (const name of ['NewTask', 'TaskReplacement', 'TaskPatch', 'TaskMove'])
    expect(JSON.stringify(document.components.schemas[name]?.example), name).not.toMatch(
      /[0-9a-f]{8}-[0-9a-f]{4}-/,
    )
})

test('examples, sent as they are in the order of a first visit, do what they say', async () => {
  const bodyOf = (operationId: string): unknown => {
    const operation = operations.find((o) => o.operationId === operationId) as Operation
    const { schema } = Object.values(operation.requestBody?.content ?? {})[0] ?? {}
    return document.components.schemas[schema?.$ref?.split('/').at(-1) as string]?.example
  }
  const visitor = await createWorld()
  expect((await visitor.anonymous.post('/api/v1/auth/register', bodyOf('register'))).status).toBe(
    201,
  )
  const { status, body } = await visitor.anonymous.post('/api/v1/auth/login', bodyOf('login'))
  expect(status).toBe(200)
  const client = visitor.client(body.access_token)
  const made = async (path: string, operationId: string) => {
    const answer = await client.post(path, bodyOf(operationId))
    expect([answer.status, answer.body], operationId).toEqual([
      201,
      expect.objectContaining({ id: expect.any(String) }),
    ])
    return `${path}/${answer.body.id}`
  }
  const task = await made('/api/v1/tasks', 'createTask')
  const project = await made('/api/v1/projects', 'createProject')
  const label = await made('/api/v1/labels', 'createLabel')
  await made('/api/v1/api-keys', 'createApiKey')
  const changed = {
    updateTask: await client.patch(task, bodyOf('updateTask')),
    replaceTask: await client.send('PUT', task, bodyOf('replaceTask'), { 'If-Match': '*' }),
    moveTask: await client.post(`${task}/move`, bodyOf('moveTask')),
    updateProject: await client.patch(project, bodyOf('updateProject')),
    updateLabel: await client.patch(label, bodyOf('updateLabel')),
    updateMe: await client.patch('/api/v1/me', bodyOf('updateMe')),
  }
  await visitor.close()
  for (const [operationId, { status, body }] of Object.entries(changed))
    expect([status, body], operationId).toEqual([200, expect.anything()])
})

test('the routes are those of the document, and these', () => {
  const v1 = createV1(world.deps)
  const system = createSystem(world.deps, createMetrics(world.deps))
  const routes = [v1, system].flatMap((app) =>
    app.routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  const documented = operations.map(({ method, path }) => `${method} ${path}`)
  const others = [
    'GET /',
    'GET /api/v1',
    'GET /openapi.json',
    'GET /openapi-original.json',
    'GET /docs',
    'GET /assets/{name}',
    'GET /metrics',
    'GET /auth/openid/start',
    'GET /auth/openid/callback',
  ]
  expect(routes.toSorted()).toEqual([...documented, ...others].sort())
})

test('the operations of the API are those of the list, and ask for a credential where it says so', () => {
  const ofApi = operations.filter(isOfApi)
  expect(ofApi.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(defined).sort())
  const guarded = operations.filter((operation) => !isOpen(operation))
  const closed = Object.values(defined).filter(({ access }) => access.actors !== 'open')
  expect(guarded.map(({ operationId }) => operationId).sort()).toEqual(
    closed.map(({ id }) => id).sort(),
  )
  for (const { operationId, security } of guarded)
    expect(security, operationId).toEqual([{ bearer: [] }, { apiKey: [] }])
})

test('the document names each scope where it is needed', () => {
  for (const { id: operationId, access } of Object.values(defined)) {
    if (access.actors === 'open') continue
    const { scope } = access
    const { description } = operations.find(
      (operation) => operation.operationId === operationId,
    ) as Operation & { description: string }
    expect(description, operationId).toContain(
      scope === null ? 'Not for API keys.' : scope === 'any' ? 'API keys' : `\`${scope}\``,
    )
  }
})

test('the server is the public address where there is one, and never what a caller calls us', async () => {
  const elsewhere = await createWorld({ env: { PUBLIC_URL: 'https://tasks.example.org' } })
  const asked = await elsewhere.fetch('/openapi.json', {
    headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
  })
  const { servers } = (await asked.json()) as { servers: unknown }
  await elsewhere.close()
  expect(servers).toEqual([{ url: 'https://tasks.example.org' }])
})
