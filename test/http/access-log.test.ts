// The log has one line for each answer, whichever it is, with its request id and its code, and
// without anything secret.
import { connect } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/core/log.ts'
import { createReadinessGate } from '../../src/runtimes/node/readiness-gate.ts'
import { openDefault } from '../support/databases.ts'
import { startTaskport } from '../support/process.ts'
import { createWorld, type World } from '../support/world.ts'

type Line = Readonly<Record<string, unknown>>
const lines: Line[] = []
const log = createLog('info', (line) => lines.push(JSON.parse(line)), { now: () => 0 })

/** A database that can be made to fail. */
let failure: Error | undefined
const world: World = await createWorld({
  log,
  env: { QUOTA_KEYS: '1', METRICS_TOKEN: 'a token of the metrics' },
  open: async () => {
    const { db, close } = await openDefault()
    const failing: typeof db.one = async (query, values) => {
      if (failure) throw failure
      return db.one(query, values)
    }
    return { db: { ...db, one: failing }, close }
  },
})
afterAll(() => world.close())
/** Without the check of the document, which says nothing of 500. */
const app = createApp(world.deps)
const ann = await world.register('Ann')

const PASSWORD = 'swordfish with a secret'
const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ({
    path,
    init: {
      method,
      headers: {
        Authorization: `Bearer ${ann.token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    },
  }) as const

const task = await ann.post('/api/v1/tasks', { title: 'Sweep the chimney' })
const one = `/api/v1/tasks/${task.body.id}`
await ann.post('/api/v1/api-keys', { name: 'first', scopes: ['tasks:read'] })
const key = (await ann.get('/api/v1/me')).body.id as string

type Case = readonly [status: number, code: string | undefined, ReturnType<typeof send>]
const cases: readonly Case[] = [
  [200, undefined, send('GET', one)],
  [200, undefined, send('HEAD', one)],
  [200, undefined, send('GET', '/')],
  [200, undefined, send('GET', '/health')],
  [200, undefined, send('GET', '/ready')],
  [200, undefined, send('GET', '/status')],
  [200, undefined, send('GET', '/docs')],
  [200, undefined, send('GET', '/openapi.json')],
  [200, undefined, send('GET', '/.well-known/jwks.json')],
  [201, undefined, send('POST', '/api/v1/tasks', { title: 'Buy salt' })],
  [204, undefined, send('OPTIONS', '/api/v1/tasks')],
  [304, undefined, send('GET', one, undefined, { 'If-None-Match': '*' })],
  [400, 'malformed_json', send('POST', '/api/v1/tasks', '{')],
  [401, 'unauthenticated', send('GET', one, undefined, { Authorization: 'Basic abc' })],
  [401, 'unauthenticated', send('GET', '/api/v1/tasks', undefined, { 'X-API-Key': 'nothing' })],
  [
    401,
    'invalid_credentials',
    send('POST', '/api/v1/auth/login', { email: 'x@example.org', password: PASSWORD }),
  ],
  [
    403,
    'quota_exceeded',
    send('POST', '/api/v1/api-keys', { name: 'more', scopes: ['tasks:read'] }),
  ],
  [404, 'not_found', send('GET', one.replace(/.{6}$/, '000000'))],
  [404, 'not_a_route', send('GET', '/nothing?token=secret')],
  [404, 'not_a_route', send('GET', '/api/v1/nothing')],
  [404, 'not_a_route', send('GET', '/api/nothing')],
  [404, 'not_a_route', send('GET', '/assets/nothing.js')],
  [404, 'not_a_route', send('GET', '/metrics')],
  [404, 'not_a_route', send('GET', '/auth/openid/start')],
  [405, 'method_not_allowed', send('PUT', '/api/v1/tasks', {})],
  [405, 'method_not_allowed', send('DELETE', '/health')],
  [
    409,
    'email_taken',
    send('POST', '/api/v1/auth/register', { email: ann.email, password: PASSWORD }),
  ],
  [412, 'precondition_failed', send('PATCH', one, { title: 'x' }, { 'If-Match': '"other"' })],
  [413, 'too_large', send('POST', '/api/v1/tasks', 'x'.repeat(2 ** 20 + 1))],
  [
    415,
    'unsupported_media_type',
    send('POST', '/api/v1/tasks', 'x', { 'Content-Type': 'text/plain' }),
  ],
  [422, 'invalid', send('POST', '/api/v1/tasks', { title: '' })],
  [422, 'invalid', send('GET', '/api/v1/tasks?password=secret')],
  [428, 'precondition_required', send('PUT', one, { title: 'x' })],
  [403, 'other_user', send('GET', `/api/${key.replace(/^./, 'f')}/tasks`)],
]

let number = 0
const ask = async ({ path, init }: ReturnType<typeof send>) => {
  const id = `case-${++number}`
  lines.length = 0
  const response = await app.request(path, {
    ...init,
    headers: { ...init.headers, 'X-Request-Id': id },
  })
  await response.text()
  expect(response.headers.get('X-Request-Id')).toBe(id)
  return { id, response, own: lines.filter((line) => line['request_id'] === id) }
}

test.each(cases)('an answer %i (%s) has one line', async (status, code, request) => {
  const { response, own } = await ask(request)
  expect(response.status, request.path).toBe(status)
  expect(own, request.path).toHaveLength(1)
  expect(lines, 'and no other one').toHaveLength(1)
  expect(own[0]).toMatchObject({
    level: 'info',
    message: 'request',
    operation: expect.any(String),
    status,
    ms: expect.any(Number),
  })
  expect(own[0]?.['code']).toBe(code)
  const text = JSON.stringify(own)
  for (const secret of [ann.token, PASSWORD, 'secret', 'Sweep', ann.email, '?'])
    expect(text).not.toContain(secret)
})

test.each([
  [500, 'internal', 'error', new Error('out of cheese')],
  [503, 'unavailable', 'warning', Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })],
])(
  '%i (%s) has one line as well, at the level %s, with the cause',
  async (status, code, level, error) => {
    failure = error
    try {
      const { response, own } = await ask(send('GET', one))
      expect(response.status).toBe(status)
      expect(own).toHaveLength(1)
      expect(own[0]).toMatchObject({ level, code, status, error: { message: error.message } })
    } finally {
      failure = undefined
    }
  },
)

/** Sends bytes on a connection of their own; answers what comes back until it ends. */
const exchange = async (url: string, bytes: string): Promise<string> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(bytes)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

test('what never reaches an operation has its line too', async () => {
  const { url, out } = await startTaskport()
  const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`
  const answers = [await exchange(url, 'nonsense\r\n\r\n'), await exchange(url, long)]
  for (const [i, code] of ['malformed_http', 'headers_too_large'].entries()) {
    const [, id] = /^X-Request-Id: (.+)\r$/m.exec(answers[i] ?? '') ?? []
    expect(id).toBeDefined()
    await expect.poll(() => out(), { timeout: 60_000 }).toContain(`"request_id":"${id}"`)
    const own = out()
      .split('\n')
      .filter((line) => line.includes(String(id)))
    expect(own).toHaveLength(1)
    expect(JSON.parse(own[0] ?? '')).toMatchObject({ code, operation: 'none' })
  }
})

test('before the service is ready its answers have lines as well', async () => {
  const gate = createReadinessGate('The service is starting.', log)
  for (const [path, status] of [
    ['/', 200],
    ['/health', 200],
    ['/ready', 503],
    [one, 503],
  ] as const) {
    lines.length = 0
    const response = await gate.request(path)
    expect(response.status).toBe(status)
    const request_id = response.headers.get('X-Request-Id')
    expect(lines).toMatchObject([{ message: 'request', request_id, status }])
  }
  expect(lines[0]?.['code']).toBe('unavailable')
})

test('where the client names no request, or none that is well-formed, the answer does', async () => {
  for (const given of [undefined, 'two words', 'x'.repeat(129)]) {
    lines.length = 0
    const headers = given === undefined ? {} : { 'X-Request-Id': given }
    const response = await app.request('/nothing', { headers })
    const { request_id } = (await response.json()) as { request_id: string }
    expect(response.headers.get('X-Request-Id')).toBe(request_id)
    expect(lines.map((line) => line['request_id'])).toEqual([request_id])
  }
})
