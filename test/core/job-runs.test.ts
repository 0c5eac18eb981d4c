// What became of the runs of jobs: how long something is due, and why a run failed.
import { expect, test } from 'vitest'
import { DomainError } from '../../src/core/errors.ts'
import type { Job, Outcome } from '../../src/core/job.ts'
import { createJobRuns } from '../../src/core/job-runs.ts'
import { LeaseLost } from '../../src/core/lease.ts'
import { silent } from '../../src/core/log.ts'
import { instantOf } from '../../src/db/instant.ts'
import { stillClock } from '../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const turn = { first: false, signal: new AbortController().signal }
const start = (outcomes: readonly (Outcome | Error)[], every = HOUR) => {
  const clock = stillClock()
  const logged: unknown[] = []
  const say = (message: string, details?: object) => void logged.push({ message, ...details })
  const runs = createJobRuns(clock, { ...silent, error: say, info: say })
  const left = [...outcomes]
  const job: Job = {
    name: 'sweep',
    every,
    run: async () => {
      const outcome = left.shift() ?? {}
      if (outcome instanceof Error) throw outcome
      return outcome
    },
  }
  return {
    ...{ clock, logged, runs, job },
    run: () => runs.run(job, turn),
    report: () => runs.reports()[0],
    lag: () => runs.reports()[0]?.lag_seconds,
    figure: (name: string) => runs.figures()[`taskport_job_${name}{job="sweep"}`],
  }
}
const withCode = (code: string) => Object.assign(new Error(`secret of ${code}`), { code })

test('a run that went well is followed by the next one when it says, or after the usual time', async () => {
  const { run, clock, report } = start([{}, { next: 0 }, { next: Number.POSITIVE_INFINITY }])
  const now = clock.now()
  expect(await run()).toEqual({ done: true, next: now + HOUR })
  expect(await run()).toEqual({ done: true, next: 0 })
  expect(await run()).toEqual({ done: true, next: now + HOUR })
  expect(report()).toMatchObject({ runs: 3, failures: 0, last_failure: null })
  expect(report()?.last_run?.started_at).toBe(instantOf(now))
})

test('one that fails is tried again after a minute, two, four, and never later than usual', async () => {
  const error = new Error('the secret of a user')
  const { run, clock, report, logged, figure } = start([error, error, error, {}, error], 3 * MINUTE)
  const now = clock.now()
  const pauses: number[] = []
  for (let i = 0; i < 5; i++) pauses.push((await run()).next - now)
  expect(pauses).toEqual([MINUTE, 2 * MINUTE, 3 * MINUTE, 3 * MINUTE, MINUTE])
  expect(report()).toMatchObject({ runs: 5, failures: 4 })
  expect(logged).toEqual(Array(4).fill({ message: 'a job failed', job: 'sweep', error }))
  expect([figure('runs_total'), figure('failures_total')]).toEqual([5, 4])
  expect(figure('duration_seconds_count')).toBe(5)
})

test('the operator gets the kind of failure, and nothing of the error', async () => {
  const kinds: [Error, string][] = [
    [withCode('DATABASE_SUPERSEDED'), 'a newer version has migrated the database'],
    [withCode('ENOSPC'), 'the storage is full'],
    [withCode('ECONNREFUSED'), 'the database did not answer'],
    [new DomainError('write_conflict', 'secret'), 'it was refused: write_conflict'],
    [new TypeError('secret'), 'an unexpected error, which the log has'],
  ]
  const { run, report, clock } = start(kinds.map(([error]) => error))
  for (const [, reason] of kinds) {
    await run()
    expect(report()?.last_failure).toEqual({ at: instantOf(clock.now()), reason })
  }
})

test('the lag is since when it has been due without a run that went well', async () => {
  const { run, clock, runs, job, lag, figure } = start([new Error('no'), {}])
  const due = clock.now() + MINUTE
  runs.plan(job, due)
  expect([lag(), figure('lag_seconds')]).toEqual([0, 0])
  clock.advance(2 * MINUTE)
  expect([lag(), figure('lag_seconds')]).toEqual([60, 60])
  await run()
  clock.advance(MINUTE)
  expect(lag(), 'it failed').toBe(120)
  runs.plan(job, clock.now() + HOUR)
  expect(lag(), 'a later time takes nothing back').toBe(120)
  const { next } = await run()
  runs.plan(job, next)
  expect([lag(), figure('lag_seconds')]).toEqual([0, 0])
})

test('what a run could not do counts from when that was due, and where nothing is planned nothing is said', async () => {
  const { run, clock, lag, figure } = start([{ overdueSince: Date.UTC(2026, 10, 23, 8) }, {}])
  await run()
  expect(lag()).toBe((clock.now() - Date.UTC(2026, 10, 23, 8)) / 1000)
  await run()
  expect([lag(), figure('lag_seconds')]).toEqual([null, undefined])
})

test('a lost lease and the end of the process are no failures', async () => {
  const lost = start([new LeaseLost('sweep')])
  expect(await lost.run()).toEqual({ done: false, next: lost.clock.now() + MINUTE })
  expect(lost.report()).toMatchObject({ failures: 0, last_failure: null })
  const ended = start([new Error('the database is closed')])
  const { done } = await ended.runs.run(ended.job, { first: false, signal: AbortSignal.abort() })
  expect([done, ended.logged, ended.report()?.failures]).toEqual([false, [], 0])
})
