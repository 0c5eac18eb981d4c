// The document is valid OpenAPI, says of every operation what it should, and says it of exactly the
// routes that there are.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, expect, test } from 'vitest'
import { operations as defined } from '../../src/features/operations.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { createSystem } from '../../src/http/system.ts'
import { createV1 } from '../../src/http/v1/index.ts'
import { type Operation, operationsOf } from '../support/document.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const { document } = world
const operations = operationsOf(document)
const isOpen = ({ security = [] }: Operation) => security.length === 0
const isOfApi = ({ path }: Operation) => path.startsWith('/api/v1/')

type Linted = {
  readonly problems: readonly {
    ruleId: string
    severity: string
    message: string
    location: readonly { pointer: string }[]
  }[]
}

test("redocly's rules `recommended-strict` find nothing", async () => {
  const file = join(temporaryFolder(), 'openapi.json')
  writeFileSync(file, JSON.stringify(document))
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const redocly = run(
    join(import.meta.dirname, '../../node_modules/.bin/redocly'),
    ['lint', '--extends=recommended-strict', '--format=json', file],
    quiet,
  )
  expect(await redocly.exit, redocly.err()).toBe(0)
  const { problems }: Linted = JSON.parse(redocly.out())
  expect(
    problems.map(
      ({ ruleId, severity, message, location }) =>
        `${severity} ${ruleId}: ${message} ${location[0]?.pointer}`,
    ),
  ).toEqual([])
})

test('it is OpenAPI 3.1 with a name, a licence and a server', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Taskport', license: { name: 'MIT' } },
    servers: [{ url: '/' }],
  })
})

test('each operation has a name of its own, a tag that is explained, and a summary', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const { tags } = document as unknown as { tags: { name: string; description: string }[] }
  for (const operation of operations) {
    const {
      operationId,
      tags: own,
      summary,
    } = operation as Operation & { tags: string[]; summary: string }
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/)
    expect(summary, operationId).toBeTruthy()
    expect(
      tags.map(({ name }) => name),
      operationId,
    ).toEqual(expect.arrayContaining(own))
  }
  for (const { name, description } of tags)
    expect(description, 'a tag says more than its name').not.toBe(name)
})

test('whatever is sent or answered as JSON has an example that fits its schema', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema(document, 'document')
  const bodies = operations.flatMap(({ operationId, requestBody, responses }) =>
    [requestBody, ...Object.values(responses)].flatMap((sent) =>
      Object.entries(sent?.content ?? {}).map(([type, media]) => ({ operationId, type, ...media })),
    ),
  )
  expect(bodies.length).toBeGreaterThan(operations.length)
  for (const { operationId, type, schema, example } of bodies as {
    operationId: string
    type: string
    schema: { $ref?: string }
    example?: unknown
  }[]) {
    const name = schema.$ref?.split('/').at(-1) as string
    expect(schema.$ref, `${operationId} names its schema of ${type}`).toBe(
      `#/components/schemas/${name}`,
    )
    const shown = example ?? document.components.schemas[name]?.example ?? exampleOfPage(name)
    expect(shown, `${name} has an example`).toBeDefined()
    const validate = ajv.getSchema(`document#/components/schemas/${name}`)
    expect([validate?.(shown), validate?.errors], `the example of ${name}`).toEqual([true, null])
  }
})

/** A page needs no example of its own: it is made of those of its items. */
const exampleOfPage = (name: string): unknown => {
  const { properties } = document.components.schemas[name] as {
    properties: { items?: { items: { $ref: string } } }
  }
  const item = properties.items?.items.$ref.split('/').at(-1)
  return item === undefined
    ? undefined
    : { items: [document.components.schemas[item]?.example], next_cursor: null }
}

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

test('refusals say in headers what a client has to do, and each is a problem', () => {
  const needed: Record<string, string> = {
    401: 'WWW-Authenticate',
    429: 'Retry-After',
    503: 'Retry-After',
  }
  const contended = operations.filter(({ responses }) =>
    responses['409']?.description?.includes('`write_conflict`'),
  )
  expect(contended.length).toBeGreaterThan(0)
  for (const { operationId, responses } of contended)
    expect(Object.keys(responses['409']?.headers ?? {}), operationId).toContain('Retry-After')
  for (const { operationId, responses } of operations.filter(isOfApi))
    for (const [status, { headers = {}, content }] of Object.entries(responses).filter(
      ([status]) => Number(status) >= 400,
    )) {
      expect(Object.keys(content ?? {}), `${operationId} ${status}`).toEqual([
        'application/problem+json',
      ])
      if (needed[status])
        expect(Object.keys(headers), `${operationId} ${status}`).toContain(needed[status])
    }
})

test('each refusal shows an example of every code that its status has', () => {
  const ajv = new Ajv2020({ strict: false, formats: { uri: true }, validateFormats: false })
  const validate = ajv.addSchema(document, 'document').compile({
    $ref: 'document#/components/schemas/Problem',
  })
  for (const { operationId, responses } of operations.filter(isOfApi))
    for (const [status, { content, description }] of Object.entries(responses).filter(
      ([status]) => Number(status) >= 400,
    )) {
      const examples = Object.entries(content?.['application/problem+json']?.examples ?? {})
      expect(
        examples.map(([code]) => `\`${code}\``).join(', '),
        `${operationId} ${status}: ${description}`,
      ).toBe(description.match(/\((.*)\)\.$/)?.[1])
      for (const [code, { $ref }] of examples) {
        expect($ref).toBe(`#/components/examples/${code}`)
        const shown = document.components.examples[code]?.value
        expect(shown, code).toMatchObject({ code, status: Number(status) })
        expect([validate(shown), validate.errors], code).toEqual([true, null])
      }
    }
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
  const system = createSystem(world.deps, { v1, metrics: createMetrics(world.deps) })
  const routes = [v1, system].flatMap((app) =>
    app.routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  const documented = operations.map(({ method, path }) => `${method} ${path}`)
  const others = [
    'GET /',
    'GET /api/v1',
    'GET /openapi.json',
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
      scope === null ? 'Not for API keys.' : `\`${scope}\``,
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
