// What the processes of a service have in common: metrics, limits, the log.
import { expect, test } from 'vitest'
import { parseMetrics } from '../support/metrics.ts'
import { temporaryFolder } from '../support/process.ts'
import { until } from '../support/size.ts'
import { type Caller, callers, enterBy, startCluster, untilSaid } from './cluster.ts'

const inFolder = () => ({ DATA_DIR: temporaryFolder() })

test('the metrics do not wait for a worker that does nothing any more', async () => {
  const METRICS_TOKEN = 'a token for metrics'
  const { url, workers } = await startCluster({ ...inFolder(), METRICS_TOKEN })
  const all = await callers(url, 3)
  const [stuck] = workers() as [number]
  process.kill(stuck, 'SIGSTOP')
  const metrics = all.map(({ ask }) =>
    ask('GET', '/metrics', undefined, { Authorization: `Bearer ${METRICS_TOKEN}` }),
  )
  const { status, text } = await Promise.any(metrics)
  expect([status, text]).toEqual([
    200,
    expect.stringContaining('{operation="GET /health",status="200"} 2\n'),
  ])
  process.kill(stuck, 'SIGCONT')
  await Promise.all(metrics)
})

test('the metrics are those of all processes, and a worker that dies takes nothing with it', async () => {
  const METRICS_TOKEN = 'a token for metrics'
  const service = await startCluster({ ...inFolder(), METRICS_TOKEN })
  const all = await callers(service.url, 6)
  const session = await enterBy(all[0]!, 'ada', 'register')
  const asked = 60
  for (let i = 0; i < asked; i++)
    await all[i % all.length]!.ask('GET', '/api/v1/me', undefined, session)
  const total = async ({ ask }: Caller) => {
    const { text } = await ask('GET', '/metrics', undefined, {
      Authorization: `Bearer ${METRICS_TOKEN}`,
    })
    const { families } = parseMetrics(text)
    const [memory] = families.get('process_resident_memory_bytes')?.samples ?? []
    expect(memory?.value, 'of two processes').toBeGreaterThan(2 * 40e6)
    const of = (family: string, name: string) =>
      families
        .get(family)
        ?.samples.find(
          ({ name: series, labels }) => series === name && labels['operation'] === 'GET /api/v1/me',
        )?.value
    const duration = 'taskport_http_request_duration_seconds'
    expect(of(duration, `${duration}_count`)).toBe(asked)
    return of('taskport_http_requests_total', 'taskport_http_requests_total')
  }
  for (const one of all) expect(await total(one)).toBe(asked)
  process.kill(service.workers()[0]!, 'SIGKILL')
  await untilSaid(service, (said) => said.includes('"a worker serves again"'))
  for (const one of await callers(service.url, 2)) expect(await total(one)).toBe(asked)
})

test('each process shows the operator the jobs, which the first one runs, and their figures count once', async () => {
  const METRICS_TOKEN = 'a token for metrics'
  const { url } = await startCluster({ ...inFolder(), METRICS_TOKEN })
  const headers = { Authorization: `Bearer ${METRICS_TOKEN}` }
  const all = await callers(url, 6)
  const jobsOf = async ({ ask }: Caller) =>
    (await ask('GET', '/status', undefined, headers)).body.jobs as Record<string, unknown>[]
  const isDone = ({ runs, failures, lag_seconds }: Record<string, unknown>) =>
    Number(runs) > 0 && failures === 0 && lag_seconds === 0
  for (const one of all) {
    await until(async () => (await jobsOf(one)).every(isDone))
    expect((await jobsOf(one)).length).toBeGreaterThan(8)
    const { text } = await one.ask('GET', '/metrics', undefined, headers)
    expect(text).toMatch(/^taskport_job_runs_total\{job="trash"\} 1$/m)
  }
})

test('a user has one limit, however many processes answer: it is passed by what they have not told each other yet', async () => {
  const { url } = await startCluster({
    ...inFolder(),
    RATE_LIMIT: 'on',
    RATE_LIMIT_PER_USER: '200',
  })
  const all = await callers(url, 4)
  const session = await enterBy(all[0]!, 'ada', 'register')
  let [taken, refused] = [0, 0]
  while (refused < all.length) {
    const statuses = await Promise.all(
      all.map(async ({ ask }) => (await ask('GET', '/api/v1/me', undefined, session)).status),
    )
    taken += statuses.filter((status) => status === 200).length
    refused = statuses.filter((status) => status === 429).length
  }
  expect(taken).toBeGreaterThanOrEqual(200)
  expect(taken).toBeLessThanOrEqual(230)
})

test('every line of a large log is whole', async () => {
  const { url, said, stop } = await startCluster(inFolder())
  const all = await callers(url, 8)
  const path = `/api/v1/tasks/${'x'.repeat(300)}`
  const each = 500
  await Promise.all(
    all.map(async ({ ask }) => {
      for (let i = 0; i < each; i++)
        await ask('GET', path, undefined, { 'X-Request-Id': `r${i}-`.padEnd(120, 'y') })
    }),
  )
  expect(await stop()).toBe(0)
  const lines = said()
    .split('\n')
    .filter((line) => line !== '' && !line.includes(' is at http://'))
  const requests = lines
    .map((line) => JSON.parse(line))
    .filter(({ operation }) => operation === 'getTask')
  expect(requests).toHaveLength(each * all.length)
})
