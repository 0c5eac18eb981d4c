// Runs the jobs of the service when they are due.
import type { Clock } from '../../core/clock.ts'
import { createDeferred } from '../../core/deferred.ts'
import type { Job } from '../../core/job.ts'
import type { JobRuns } from '../../core/job-runs.ts'

/** No wait is longer, because the clock may be set meanwhile. */
const LONGEST_MS = 60_000
/** What wakes a job is about to be written: it is looked for again until it must be there. */
const SETTLED_MS = 5_000
const SOON_MS = 250
const AGAIN_MS = 1_000

type Parts = { readonly clock: Clock; readonly jobs: JobRuns }

export type Scheduler = {
  /** Resolves when no job runs any more behind the signal, or after so many milliseconds. */
  ended(ms: number): Promise<void>
}

/**
 * Runs each job now and whenever it is due, one run of it at a time, until `signal`. The jobs do not
 * wait for each other. The timers do not keep the process alive.
 */
export const startJobs = (
  jobs: readonly Job[],
  parts: Parts,
  { signal }: { readonly signal: AbortSignal },
): Scheduler => {
  const runners = jobs.map((job) => keepRunning(job, parts, signal))
  // One listener for all: Node warns of more than ten.
  signal.addEventListener('abort', () => {
    for (const { stop } of runners) stop()
  })
  return {
    ended: async (ms) => {
      const late = createDeferred<void>()
      const timer = setTimeout(late.resolve, ms)
      await Promise.race([Promise.all(runners.map(({ ended }) => ended())), late.promise])
      clearTimeout(timer)
    },
  }
}

type Runner = {
  /** No run begins any more. */
  stop(): void
  /** Resolves when a run that goes on has ended. */
  ended(): Promise<void>
}

const keepRunning = (job: Job, { clock, jobs }: Parts, signal: AbortSignal): Runner => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wakesAt = Number.POSITIVE_INFINITY
  let lookAgainUntil = 0
  let running: Promise<void> | undefined
  let first = true
  /** What has failed is not tried again before. */
  let notBefore = 0

  /** Runs at `at`, or where that is earlier when it was to run already. */
  const wake = (at: number): void => {
    const soonest = notBefore - clock.now() > job.every ? at : Math.max(at, notBefore)
    if (signal.aborted || running || soonest >= wakesAt) return
    clearTimeout(timer)
    wakesAt = soonest
    const ms = Math.max(0, soonest - clock.now())
    timer = ms > LONGEST_MS ? setTimeout(wait, LONGEST_MS) : setTimeout(begin, ms)
    timer.unref()
  }

  const wait = (): void => {
    const at = wakesAt
    wakesAt = Number.POSITIVE_INFINITY
    // So far ahead is nothing, unless the clock was set back.
    if (at - clock.now() > job.every) begin()
    else wake(at)
  }

  const begin = (): void => {
    running = run()
  }

  const run = async (): Promise<void> => {
    wakesAt = Number.POSITIVE_INFINITY
    const { done, next } = await jobs.run(job, { first, signal })
    first = false
    running = undefined
    const now = clock.now()
    const soonest = next > now ? next : now + SOON_MS
    const at = done && now < lookAgainUntil ? Math.min(soonest, now + AGAIN_MS) : soonest
    notBefore = done ? 0 : soonest
    wake(at)
    if (done) jobs.plan(job, at)
  }

  const noted = (at: number): void => {
    const now = clock.now()
    if (at <= now + job.every)
      lookAgainUntil = Math.max(lookAgainUntil, Math.max(at, now) + SETTLED_MS)
    jobs.plan(job, at)
    wake(Math.max(at, now + SOON_MS))
  }

  job.wokenBy?.(noted)
  const now = clock.now()
  jobs.plan(job, now)
  wake(now)
  return { stop: () => clearTimeout(timer), ended: async () => running }
}
