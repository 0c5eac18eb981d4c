// A service with its own database, and people who use it. Every answer is held against the OpenAPI document.

import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import { createDeps } from '../../src/deps.ts'
import type { Deps } from '../../src/http/deps.ts'
import { createPasswords } from '../../src/identity/passwords.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { type Opened, openDefault } from './databases.ts'
import { type OpenApi, type Verify, verifierOf } from './document.ts'

/** Tests read what they expect, and fail where it is not there. */
type Json = any
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Json; readonly text: string }
type Headers_ = Record<string, string>

/** A client with one credential. */
export type Client = {
  readonly token: string
  readonly headers: Headers_
  send(method: string, path: string, body?: unknown, headers?: Headers_): Promise<Answer>
  get(path: string, headers?: Headers_): Promise<Answer>
  post(path: string, body?: unknown, headers?: Headers_): Promise<Answer>
  patch(path: string, body: unknown, headers?: Headers_): Promise<Answer>
  put(path: string, body: unknown, headers?: Headers_): Promise<Answer>
  delete(path: string, headers?: Headers_): Promise<Answer>
}
export type User = Client & {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly refreshToken: string
  readonly sessionId: string
}

/** A clock that moves when it is told to, and by a millisecond at each look, so that times differ as they do in life. */
export type TestClock = Clock & { advance(ms: number): void }
export const testClock = (start = Date.UTC(2026, 10, 23, 9)): TestClock => {
  let at = start
  return {
    now: () => at++,
    advance: (ms) => {
      at += ms
    },
  }
}

export type World = {
  readonly deps: Deps
  readonly clock: TestClock
  readonly document: OpenApi
  fetch(path: string, init?: RequestInit): Promise<Response>
  anonymous: Client
  client(token: string): Client
  register(name: string): Promise<User>
  close(): Promise<void>
}

/** Passwords at a cost that lets a test register many people; their form and handling are the real ones. */
const quick = createPasswords({ cost: 4 })

export const createWorld = async ({
  env = {},
  open = openDefault,
  clock = testClock(),
}: {
  env?: Record<string, string>
  open?: () => Promise<Opened>
  clock?: TestClock
} = {}): Promise<World> => {
  const { db, close } = await open()
  const config = parseConfig({ RATE_LIMIT: 'off', ...env })
  const deps = await createDeps(config, { db, clock, passwords: quick, migrations: readMigrations('sqlite'), peerOf: () => '127.0.0.1' })
  const app = createApp(deps)
  const document = (await (await app.request('/openapi.json')).json()) as OpenApi
  const verify: Verify = verifierOf(document)

  const fetch = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, init)
    await verify(init.method ?? 'GET', path, response)
    return response
  }
  const client = (token: string): Client => {
    const headers: Headers_ = token === '' ? {} : { Authorization: `Bearer ${token}` }
    const send: Client['send'] = async (method, path, body, extra = {}) => {
      const response = await fetch(path, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }), ...extra },
        ...(body !== undefined && {
          body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        }),
      })
      const text = await response.text()
      const isJson = response.headers.get('Content-Type')?.includes('json')
      return { status: response.status, headers: response.headers, text, body: text !== '' && isJson ? JSON.parse(text) : undefined }
    }
    return {
      token,
      headers,
      send,
      get: (path, extra) => send('GET', path, undefined, extra),
      post: (path, body, extra) => send('POST', path, body, extra),
      patch: (path, body, extra) => send('PATCH', path, body, extra),
      put: (path, body, extra) => send('PUT', path, body, extra),
      delete: (path, extra) => send('DELETE', path, undefined, extra),
    }
  }
  const anonymous = client('')
  return {
    deps,
    clock,
    document,
    fetch,
    anonymous,
    client,
    register: async (name) => {
      const [email, password] = [`${name.toLowerCase()}@example.org`, `${name} likes long walks`]
      const { status, body } = await anonymous.post('/api/v1/auth/register', { email, password, name })
      if (status !== 201) throw new Error(`registering ${name}: ${status} ${JSON.stringify(body)}`)
      const { sid } = JSON.parse(atob(body.access_token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
      return { ...client(body.access_token), id: body.user.id, email, password, refreshToken: body.refresh_token, sessionId: sid }
    },
    close,
  }
}
