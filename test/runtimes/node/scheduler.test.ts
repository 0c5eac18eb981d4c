// Jobs run when they are due: one run at a time, each for itself, whatever the clock does.
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import type { Job, Outcome, Turn } from '../../../src/core/job.ts'
import { createJobRuns } from '../../../src/core/job-runs.ts'
import { silent } from '../../../src/core/log.ts'
import { startJobs } from '../../../src/runtimes/node/scheduler.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 9) }))
afterEach(() => {
  // In this order: a spy on a timer that is restored later would put the controlled one back.
  vi.restoreAllMocks()
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

type Sketch = Partial<Job> & { readonly act?: (turn: Turn) => Promise<Outcome> }
/** A job that notes when it began, in seconds since the start. */
const sketch = ({ act = async () => ({}), ...job }: Sketch = {}) => {
  const start = Date.now()
  const began: number[] = []
  const run = (turn: Turn) => {
    began.push(Math.round((Date.now() - start) / SECOND))
    return act(turn)
  }
  return { began, job: { name: 'sweep', every: HOUR, run, ...job } satisfies Job }
}
let ahead = 0
const start = (...jobs: Job[]) => {
  ahead = 0
  const clock = { now: () => Date.now() + ahead }
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const runs = createJobRuns(clock, silent)
  return { ending, runs, ...startJobs(jobs, { clock, jobs: runs }, ending) }
}

test('a job runs at the start, and when it says or the usual time is over', async () => {
  const nexts = [10 * SECOND, undefined, 2 * HOUR]
  const { began, job } = sketch({
    act: async () => {
      const next = nexts.shift()
      return { next: next && Date.now() + next }
    },
  })
  start(job)
  await pass(2 * HOUR + MINUTE)
  expect(began).toEqual([0, 10, 3610, 7210])
})

test('it knows its first run', async () => {
  const firsts: boolean[] = []
  const act = async ({ first }: Turn) => {
    firsts.push(first)
    return {}
  }
  start(sketch({ every: MINUTE, act }).job)
  await pass(2 * MINUTE)
  expect(firsts).toEqual([true, false, false])
})

test('a run that takes long is the only one, and the next begins behind it', async () => {
  const slow = createDeferred<Outcome>()
  const { began, job } = sketch({ every: MINUTE, act: () => slow.promise })
  const { runs } = start(job)
  await pass(10 * MINUTE)
  expect(began).toEqual([0])
  expect(runs.reports()[0]?.lag_seconds).toBe(600)
  slow.resolve({})
  await pass(MINUTE)
  expect(began).toEqual([0, 660])
  expect(runs.reports()[0]?.lag_seconds).toBe(0)
})

test('one that fails or hangs keeps no other from running', async () => {
  const fails = sketch({ name: 'fails', every: MINUTE, act: () => Promise.reject(new Error('no')) })
  const hangs = sketch({ name: 'hangs', every: MINUTE, act: () => new Promise(() => {}) })
  const works = sketch({ name: 'works', every: MINUTE })
  start(fails.job, hangs.job, works.job)
  await pass(2 * MINUTE)
  expect([fails.began, hangs.began, works.began]).toEqual([[0, 60, 120], [0], [0, 60, 120]])
})

test('what was noted wakes it, and it looks again until that must be written', async () => {
  let wake = (_: number) => {}
  const { began, job } = sketch({
    wokenBy: (given) => {
      wake = given
    },
  })
  start(job)
  await pass(10 * SECOND)
  wake(Date.now() + 20 * SECOND)
  await pass(10 * MINUTE)
  expect(began).toEqual([0, 30, 31, 32, 33, 34, 35])
  wake(Date.now() - 1)
  await pass(10 * MINUTE)
  expect(began.slice(7)).toEqual([610, 611, 612, 613, 614, 615])
  wake(Date.now() + 5 * HOUR)
  await pass(HOUR)
  expect(began.slice(13), 'the usual time was before').toEqual([4215])
})

test('a clock that is set forward or back delays nothing by more than a minute', async () => {
  const { began, job } = sketch()
  start(job)
  await pass(10 * MINUTE)
  ahead += 2 * HOUR
  await pass(MINUTE + SECOND)
  expect(began).toEqual([0, 660])
  ahead -= 5 * HOUR
  await pass(MINUTE + SECOND)
  expect(began).toEqual([0, 660, 720])
  await pass(HOUR)
  expect(began).toEqual([0, 660, 720, 4320])
})

test('with the signal nothing begins any more, and what runs has some time to end', async () => {
  const slow = createDeferred<Outcome>()
  const quick = sketch({ every: MINUTE })
  const { ending, ended } = start(sketch({ act: () => slow.promise }).job, quick.job)
  await pass(SECOND)
  ending.abort()
  let isOver = false
  const over = ended(5 * SECOND).then(() => {
    isOver = true
  })
  await pass(4 * SECOND)
  expect(isOver).toBe(false)
  slow.resolve({})
  await over
  await pass(10 * MINUTE)
  expect(quick.began).toEqual([0])
})

test('what does not end is not waited for longer than that', async () => {
  const { ending, ended } = start(sketch({ act: () => new Promise(() => {}) }).job)
  await pass(SECOND)
  ending.abort()
  const over = ended(5 * SECOND)
  await pass(5 * SECOND)
  await over
})

test('its timers keep no process alive', async () => {
  const kept = vi.spyOn(globalThis, 'setTimeout')
  start(sketch().job, sketch({ name: 'other', every: MINUTE }).job)
  await pass(MINUTE)
  const timers = kept.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())
  expect(timers.length).toBeGreaterThan(3)
  expect(timers).not.toContain(true)
})

test('all jobs are one listener of the signal, and end with it', async () => {
  const listens = vi.spyOn(AbortSignal.prototype, 'addEventListener')
  const all = Array.from({ length: 20 }, (_, i) => sketch({ name: `${i}`, every: MINUTE }))
  const { ending } = start(...all.map(({ job }) => job))
  expect(listens).toHaveBeenCalledOnce()
  await pass(SECOND)
  ending.abort()
  await pass(10 * MINUTE)
  for (const { began } of all) expect(began).toEqual([0])
})
