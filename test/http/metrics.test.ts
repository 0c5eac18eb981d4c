// The metrics are in Prometheus' text format, and say what was asked.
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { groupBy } from '../../src/core/group-by.ts'
import { createHistogram } from '../../src/db/histogram.ts'
import { createDeps } from '../../src/deps.ts'
import { watchProcess } from '../../src/runtimes/node/process-figures.ts'
import { clientsOf } from '../support/client.ts'
import { openDefault } from '../support/databases.ts'
import { parseMetrics, type Sample } from '../support/metrics.ts'

const METRICS_TOKEN = 'a token of the metrics'
const { db, close } = await openDefault()
const deps = await createDeps(parseConfig({ METRICS_TOKEN, RATE_LIMIT: 'off' }), {
  db,
  watchProcess,
})
const app = createApp(deps)
const world = clientsOf((path, init) => app.request(path, init))
afterAll(close)

const read = async () => {
  const response = await app.request('/metrics', {
    headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
  })
  expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseMetrics(await response.text())
}
const DURATION = 'taskport_http_request_duration_seconds'
const of = (samples: readonly Sample[], name: string, labels: Record<string, string>) =>
  samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )

test('each family has its help and type once, and its series together', async () => {
  const ann = await world.register('Ann')
  await ann.get('/api/v1/me')
  const { families } = await read()
  for (const name of [
    'taskport_http_requests_total',
    DURATION,
    'taskport_event_loop_delay_seconds',
    'taskport_database_wait_seconds',
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'taskport_heap_used_bytes',
    'taskport_heap_size_bytes',
    'process_start_time_seconds',
    'taskport_info',
  ])
    expect(families.get(name), name).toMatchObject({ help: expect.stringMatching(/\.$/) })
  for (const [name, { type, samples }] of families) {
    expect(samples.length, name).toBeGreaterThan(0)
    if (name.endsWith('_total')) expect(type, name).toBe('counter')
    if (type === 'counter') expect(name).toMatch(/_total$/)
    for (const { value } of samples) expect(value, name).toBeGreaterThanOrEqual(0)
  }
})

test('the buckets of each histogram ascend to their count', async () => {
  const { families } = await read()
  const histograms = [...families].filter(([, { type }]) => type === 'histogram')
  expect(histograms.length).toBe(4)
  for (const [name, { samples }] of histograms) {
    const series = groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest))
    for (const one of series.values()) {
      const buckets = one.filter((sample) => sample.name === `${name}_bucket`)
      const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('+Inf', 'Infinity')))
      expect(bounds).toEqual(bounds.toSorted((a, b) => a - b))
      expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY)
      const counts = buckets.map(({ value }) => value)
      expect(counts).toEqual(counts.toSorted((a, b) => a - b))
      expect(one.filter((s) => s.name === `${name}_count`).map((s) => s.value)).toEqual([
        counts.at(-1),
      ])
      expect(one.filter((s) => s.name === `${name}_sum`)).toHaveLength(1)
      expect(one).toHaveLength(buckets.length + 2)
    }
  }
})

test('requests are counted and timed by operation, and never by path', async () => {
  const bob = await world.register('Bob')
  const before = (await read()).samples
  const operation = 'GET /api/v1/tasks/:id'
  const count = (samples: readonly Sample[]) =>
    of(samples, `${DURATION}_count`, { operation })[0]?.value ?? 0
  const { body } = await bob.post('/api/v1/tasks', { title: 'Buy salt' })
  for (let i = 0; i < 3; i++) await bob.get(`/api/v1/tasks/${body.id}`)
  await bob.send('HEAD', `/api/v1/tasks/${body.id}`)
  await bob.get('/api/v1/tasks/of-nothing')
  for (let i = 0; i < 50; i++) await bob.get(`/nothing/${i}`)
  await bob.send('BREW', '/api/v1/tasks')
  const { samples } = await read()
  expect(count(samples) - count(before)).toBe(5)
  const total = (status: string) =>
    of(samples, 'taskport_http_requests_total', { operation, status })[0]?.value
  expect([total('200'), total('404')]).toEqual([4, 1])
  expect(of(samples, `${DURATION}_count`, { operation: 'none' })[0]?.value).toBe(51)
  expect(JSON.stringify(samples)).not.toContain(body.id)
  const operations = new Set(samples.map(({ labels }) => labels['operation']))
  expect(operations.size, [...operations].join()).toBeLessThan(20)
})

test('a duration is in the bucket that it belongs to, in seconds', () => {
  const histogram = createHistogram()
  for (const ms of [0, 1, 1.01, 240, 250, 9_999, 10_001]) histogram.observe(ms)
  const figures = Object.fromEntries(histogram.figures('x_seconds', 'a="b"'))
  expect(figures).toMatchObject({
    'x_seconds_bucket{a="b",le="0.001"}': 2,
    'x_seconds_bucket{a="b",le="0.0025"}': 3,
    'x_seconds_bucket{a="b",le="0.1"}': 3,
    'x_seconds_bucket{a="b",le="0.25"}': 5,
    'x_seconds_bucket{a="b",le="10"}': 6,
    'x_seconds_bucket{a="b",le="+Inf"}': 7,
    'x_seconds_count{a="b"}': 7,
  })
  expect(figures['x_seconds_sum{a="b"}']).toBeCloseTo(20.49201)
  expect(histogram.figures('x_seconds')[0]?.[0]).toBe('x_seconds_bucket{le="0.001"}')
})

test('waits at the database are counted', async () => {
  const waits = async () =>
    of((await read()).samples, 'taskport_database_wait_seconds_count', {})[0]?.value ?? 0
  const before = await waits()
  const eve = await world.register('Eve')
  await eve.post('/api/v1/tasks', { title: 'Buy salt' })
  expect(await waits()).toBeGreaterThan(before)
})

test('without a token nothing is counted, and there is nothing at /metrics', async () => {
  const quiet = await createDeps(parseConfig({}), { db, watchProcess })
  expect(quiet.meters).toBeUndefined()
  expect((await createApp(quiet).request('/metrics')).status).toBe(404)
  expect((await app.request('/metrics', { headers: { Authorization: 'Bearer no' } })).status).toBe(
    404,
  )
})
