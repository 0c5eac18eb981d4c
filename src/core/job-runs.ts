// The runs of jobs in this process, for the metrics and for the operator.
import { createHistogram, type Histogram } from '../db/histogram.ts'
import { type Instant, instantOf } from '../db/instant.ts'
import { isStorageFull, isSuperseded } from '../db/portable.ts'
import { isUnavailable } from '../db/unavailable.ts'
import type { Figures } from './broadcast.ts'
import type { Clock } from './clock.ts'
import { DomainError } from './errors.ts'
import { logFailedWork } from './failed-work.ts'
import type { Job, Turn } from './job.ts'
import { LeaseLost } from './lease.ts'
import type { Log } from './log.ts'
import { noteSuperseded } from './superseded.ts'

/** A job as `/status` shows it to the operator. */
export type JobReport = {
  readonly name: string
  /** Runs that have ended in this process, and how many of them failed. */
  readonly runs: number
  readonly failures: number
  readonly last_run: { readonly started_at: Instant; readonly duration_seconds: number } | null
  readonly last_failure: { readonly at: Instant; readonly reason: string } | null
  /** How long something has been due that is not done; null where no run is planned here. */
  readonly lag_seconds: number | null
}

/** What became of a run. `next`: when the job has to run again, in milliseconds since the epoch. */
type Ran = { readonly done: boolean; readonly next: number }

export type JobRuns = {
  /**
   * Runs a job and notes what became of it. A failure is logged, and tried again after a minute,
   * then after two, four and so on.
   */
  run(job: Job, turn: Turn): Promise<Ran>
  /** A job is to run at this time, or before where that was planned already. */
  plan(job: Job, at: number): void
  figures(): Figures
  reports(): JobReport[]
}

const MINUTE = 60_000

type State = {
  readonly took: Histogram
  runs: number
  failures: number
  failedInARow: number
  lastRun: JobReport['last_run']
  lastFailure: JobReport['last_failure']
  due: number | undefined
  overdueSince: number | undefined
}

export const createJobRuns = (clock: Clock, log: Log): JobRuns => {
  const states = new Map<string, State>()
  const stateOf = ({ name }: Job): State => {
    const state = states.get(name) ?? {
      took: createHistogram(),
      runs: 0,
      failures: 0,
      failedInARow: 0,
      lastRun: null,
      lastFailure: null,
      due: undefined,
      overdueSince: undefined,
    }
    states.set(name, state)
    return state
  }
  const failed = (job: Job, state: State, error: unknown): Ran => {
    const now = clock.now()
    if (error instanceof LeaseLost) {
      log.info(error.message)
      return { done: false, next: now + MINUTE }
    }
    if (isSuperseded(error)) noteSuperseded(log)
    else logFailedWork({ log }, 'a job failed', { job: job.name, error })
    state.failures++
    state.lastFailure = { at: instantOf(now), reason: reasonOf(error) }
    const pause = MINUTE * 2 ** state.failedInARow++
    return { done: false, next: now + Math.min(pause, job.every) }
  }
  return {
    run: async (job, turn) => {
      const state = stateOf(job)
      const [startedAt, began] = [clock.now(), performance.now()]
      const ran = await job.run(turn).then(
        ({ next, overdueSince }): Ran => {
          const now = clock.now()
          state.failedInARow = 0
          state.due = undefined
          state.overdueSince = overdueSince
          return { done: true, next: Math.min(next ?? now + job.every, now + job.every) }
        },
        // Work that the end of the process interrupts has not failed.
        (error): Ran =>
          turn.signal.aborted
            ? { done: false, next: clock.now() + job.every }
            : failed(job, state, error),
      )
      const ms = performance.now() - began
      state.runs++
      state.took.observe(ms)
      state.lastRun = { started_at: instantOf(startedAt), duration_seconds: ms / 1000 }
      return ran
    },
    plan: (job, at) => {
      const state = stateOf(job)
      state.due = Math.min(state.due ?? at, at)
    },
    figures: () =>
      Object.fromEntries([...states].flatMap(([name, state]) => figuresOf(name, state, clock))),
    reports: () => [...states].map(([name, state]) => reportOf(name, state, clock)),
  }
}

const lagOf = ({ due, overdueSince }: State, clock: Clock): number | undefined => {
  const since = Math.min(due ?? Number.POSITIVE_INFINITY, overdueSince ?? Number.POSITIVE_INFINITY)
  return since === Number.POSITIVE_INFINITY ? undefined : Math.max(0, clock.now() - since) / 1000
}

const figuresOf = (name: string, state: State, clock: Clock): [string, number][] => {
  const lag = lagOf(state, clock)
  return [
    ...(lag === undefined ? [] : [[`taskport_job_lag_seconds{job="${name}"}`, lag] as const]),
    [`taskport_job_runs_total{job="${name}"}`, state.runs],
    [`taskport_job_failures_total{job="${name}"}`, state.failures],
    ...state.took.figures('taskport_job_duration_seconds', `job="${name}"`),
  ] as [string, number][]
}

const reportOf = (name: string, state: State, clock: Clock): JobReport => ({
  name,
  runs: state.runs,
  failures: state.failures,
  last_run: state.lastRun,
  last_failure: state.lastFailure,
  lag_seconds: lagOf(state, clock) ?? null,
})

/** What kind of failure it was. The log has the error, which may quote data of users. */
const reasonOf = (error: unknown): string => {
  if (isSuperseded(error)) return 'a newer version has migrated the database'
  if (isStorageFull(error)) return 'the storage is full'
  if (isUnavailable(error)) return 'the database did not answer'
  if (error instanceof DomainError) return `it was refused: ${error.code}`
  return 'an unexpected error, which the log has'
}
