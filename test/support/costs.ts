// Counts what a request costs, for test/service/costs.test.ts: bytes allocated and promises made,
// which no other load on the machine changes. Runs in a process of its own, with a young generation
// so large that nothing is collected meanwhile, and without optimized code.
import { createHook } from 'node:async_hooks'
import { GCProfiler } from 'node:v8'
import { median } from '../../bench/report/numbers.ts'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import { lastTag } from '../../src/db/migrate.ts'
import { openFile } from '../../src/db/open/file.ts'
import { createDeps } from '../../src/deps.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { clientsOf } from './client.ts'
import { isSmall } from './size.ts'
import { stillClock } from './still-clock.ts'

export type Costs = Readonly<Record<string, { readonly bytes: number; readonly promises: number }>>

const REQUESTS = 300
const WARM_UP_ROUNDS = 2
/**
 * The middle one counts: once in a while something is made that stays, as compiled code is, or the
 * end of an earlier collection frees something.
 */
const WEIGHING_ROUNDS = isSmall ? 3 : 7

const migrations = readMigrations('sqlite')
const db = openFile(':memory:', { lastMigration: lastTag(migrations) })
await db.migrate(migrations)
const config = parseConfig({ RATE_LIMIT_PER_USER: '1000000' })
const app = createApp(
  await createDeps(config, {
    db,
    clock: stillClock,
    peerOf: () => '127.0.0.1',
    log: createLog('info', () => {}, stillClock),
  }),
)
const ann = await clientsOf((path, init) => app.request(path, init)).register('Ann')

const task = {
  title: 'Sweep the chimney',
  description: 'Ask for the *certificate*.',
  labels: ['home'],
  due: { date: '2030-12-01' },
}
for (let i = 0; i < 60; i++) await ann.post('/api/v1/tasks', task)
const one = `/api/v1/tasks/${(await ann.post('/api/v1/tasks', task)).body.id}`

const authorized = { Authorization: `Bearer ${ann.token}` }
const request = (method: string, path: string, body?: object): Request => {
  const headers = body ? { ...authorized, 'Content-Type': 'application/json' } : authorized
  return new Request(new URL(path, 'http://localhost'), {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
}
const scenarios: Readonly<Record<string, (i: number) => Request>> = {
  health: () => request('GET', '/health'),
  getTask: () => request('GET', one),
  listTasks: () => request('GET', '/api/v1/tasks'),
  createTask: () => request('POST', '/api/v1/tasks', task),
  updateTask: (i) => request('PATCH', one, { title: `Sweep the stove ${i % 2}` }),
}

let promises = 0
const hook = createHook({
  init: (_id, type) => {
    if (type === 'PROMISE') promises++
  },
})

/** Answers every request, one after the other. */
const answer = async (requests: readonly Request[]): Promise<void> => {
  for (const each of requests) {
    const { status } = await app.fetch(each)
    if (status >= 300) throw new Error(`${each.method} ${each.url}: ${status}`)
  }
}

const measure = async (make: (i: number) => Request) => {
  const requests = () => Array.from({ length: REQUESTS }, (_, i) => make(i))
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await answer(requests())
  const counted = requests()
  hook.enable()
  promises = 0
  await answer(counted)
  hook.disable()
  const weights: number[] = []
  for (let round = 0; round < WEIGHING_ROUNDS; round++) {
    const weighed = requests()
    globalThis.gc?.()
    const collections = new GCProfiler()
    collections.start()
    const before = process.memoryUsage().heapUsed
    await answer(weighed)
    const weight = (process.memoryUsage().heapUsed - before) / REQUESTS
    if (collections.stop().statistics.length === 0) weights.push(weight)
  }
  if (weights.length === 0)
    throw new Error('something was collected in every round: make the young generation larger')
  return { bytes: median(weights), promises: promises / REQUESTS }
}

const costs: Record<string, Costs[string]> = {}
for (const [name, make] of Object.entries(scenarios)) costs[name] = await measure(make)
await db.close()
process.stdout.write(JSON.stringify(costs satisfies Costs))
