// A service with its own database, and people who use it. Every answer is held against the OpenAPI
// document.

import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Contention } from '../../src/core/contention.ts'
import { type Log, silent } from '../../src/core/log.ts'
import { createDeps } from '../../src/deps.ts'
import { createPasswords, type Passwords } from '../../src/features/account/passwords/passwords.ts'
import type { Targets } from '../../src/features/webhooks/index.ts'
import type { Deps } from '../../src/http/deps.ts'
import { readAssets } from '../../src/runtimes/node/assets.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { createTargets } from '../../src/runtimes/node/webhooks/targets.ts'
import { type Clients, clientsOf } from './client.ts'
import { type Opened, openDefault } from './databases.ts'
import { documentsOf, type OpenApi } from './document.ts'

export type { Answer, Client, User } from './client.ts'

/**
 * A clock that moves when it is told to, and by a millisecond at each look, so that times differ as
 * they do in life.
 */
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

/**
 * A clock that moves when it is told to and not otherwise: no time passes, however slow the machine
 * is.
 */
export const stillClock = (start = Date.UTC(2026, 10, 23, 9)): TestClock => {
  let at = start
  return {
    now: () => at,
    advance: (ms) => {
      at += ms
    },
  }
}

export type World = Clients & {
  readonly deps: Deps
  readonly clock: TestClock
  readonly document: OpenApi
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** The same without a look at the answer, which may be a stream. */
  open(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/**
 * Passwords at a cost that lets a test register many people; their form and handling are the real
 * ones.
 */
const quick = createPasswords({ cost: 4 })
const assets = readAssets()

/** Tests look no host up. */
const nowhere = async () => []

/** Of events, which do not end, what comes at once. */
const beginningOf = async (response: Response): Promise<Response> => {
  const { headers, status, body } = response
  if (!headers.get('Content-Type')?.startsWith('text/event-stream') || !body) return response
  const reader = body.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new Response(value, { status, headers })
}

export const createWorld = async ({
  env = {},
  open = openDefault,
  clock = testClock(),
  log = silent,
  bulk,
  contention,
  passwords = quick,
  targets,
}: {
  env?: Record<string, string>
  open?: () => Promise<Opened>
  clock?: TestClock
  log?: Log
  /** Rows that one batch may change, where it is not the usual number. */
  bulk?: { readonly rows: number }
  contention?: Contention
  passwords?: Passwords
  /** How webhooks reach their endpoints, where not as the service does. */
  targets?: Targets
} = {}): Promise<World> => {
  const { db, close } = await open()
  const config = parseConfig({ RATE_LIMIT: 'off', ...env })
  const migrations = readMigrations('sqlite')
  const parts = {
    db,
    clock,
    log,
    passwords,
    migrations,
    assets,
    targets: targets ?? createTargets({ allowed: config.webhookHosts, resolve: nowhere }),
    ...(contention && { contention }),
    ...(bulk && { bulk }),
  }
  const deps = await createDeps(config, { ...parts, peerOf: () => '127.0.0.1' })
  const app = createApp(deps)
  const load = async (path: string) => (await (await app.request(path)).json()) as OpenApi
  const { document, verify } = await documentsOf(load, JSON.stringify(env))

  const fetch = async (path: string, init: RequestInit = {}) => {
    const response = await beginningOf(await app.request(path, init))
    await verify(init.method ?? 'GET', path, response)
    return response
  }
  const opened = async (path: string, init: RequestInit = {}) => app.request(path, init)
  return { deps, clock, document, fetch, open: opened, ...clientsOf(fetch), close }
}
