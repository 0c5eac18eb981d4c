// What the operator is told of the jobs, and no other.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zoneDataOf } from '../../src/core/zone-data.ts'
import { jobsOf } from '../../src/jobs.ts'
import { parseMetrics } from '../support/metrics.ts'
import { createWorld, type World } from '../support/world.ts'

const METRICS_TOKEN = 'a token of the operator'
const names = [
  ...[
    'reminders',
    'webhooks',
    'bulk_changes',
    'imports',
    'expiry',
    'old_activity',
    'old_deliveries',
  ],
  ...['repair', 'missed_reminders'],
  ...['trash', 'tombstones', 'time_zones', 'upkeep'],
]
let world: World
let ran: string[]
beforeAll(async () => {
  world = await createWorld({ env: { METRICS_TOKEN } })
  const { jobs, clock } = world.deps
  const all = jobsOf(world.deps, () => zoneDataOf('2026c'))
  const { signal } = new AbortController()
  for (const job of all) {
    jobs.plan(job, clock.now())
    expect((await jobs.run(job, { first: true, signal })).done, job.name).toBe(true)
    jobs.plan(job, clock.now() + job.every)
  }
  ran = all.map(({ name }) => name)
})
afterAll(() => world.close())

const ask = async (path: string, token?: string) =>
  await world.fetch(path, token ? { headers: { Authorization: `Bearer ${token}` } } : {})
const bodyOf = async (...args: Parameters<typeof ask>) => (await (await ask(...args)).json()) as any

test('/status shows the operator each job, and how its last run went', async () => {
  expect(names).toEqual(expect.arrayContaining(ran))
  expect(ran).toEqual(expect.arrayContaining(names.filter((name) => name !== 'upkeep')))
  const { jobs, ...rest } = await bodyOf('/status', METRICS_TOKEN)
  expect(jobs.map(({ name }: { name: string }) => name)).toEqual(ran)
  for (const job of jobs)
    expect(job).toMatchObject({
      runs: 1,
      failures: 0,
      last_failure: null,
      lag_seconds: 0,
      last_run: { started_at: expect.any(String), duration_seconds: expect.any(Number) },
    })
  expect(Object.keys(rest)).toEqual(Object.keys(await bodyOf('/status')))
})

test('others see what they saw before', async () => {
  const ann = await world.register('Ann')
  for (const token of [undefined, 'another token', ann.refreshToken]) {
    expect(await bodyOf('/status', token)).not.toHaveProperty('jobs')
    expect(await bodyOf('/', token).catch(() => ({}))).not.toHaveProperty('jobs')
  }
  const noOperator = await createWorld()
  const answer = await noOperator.fetch('/status', { headers: { Authorization: 'Bearer ' } })
  expect(await answer.json()).not.toHaveProperty('jobs')
  await noOperator.close()
})

test('the metrics have the lag, the runs, the failures and the duration of each', async () => {
  const { families } = parseMetrics(await (await ask('/metrics', METRICS_TOKEN)).text())
  const of = (family: string, name = family) =>
    families
      .get(family)
      ?.samples.filter((sample) => sample.name === name)
      .map(({ labels, value }) => [labels['job'], value])
  const each = (value: number) => ran.map((name) => [name, value])
  expect(of('taskport_job_lag_seconds')).toEqual(each(0))
  expect(of('taskport_job_runs_total')).toEqual(each(1))
  expect(of('taskport_job_failures_total')).toEqual(each(0))
  const duration = 'taskport_job_duration_seconds'
  expect(of(duration, `${duration}_count`)).toEqual(each(1))
})
