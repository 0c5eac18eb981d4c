import { zoneDataOf } from '../../core/zone-data.ts'
import type { Deps } from '../../http/deps.ts'
import { jobsOf } from '../../jobs.ts'
import type { Listening } from './platform.ts'
import { Refusal, wordOf } from './refusal.ts'
import { type Scheduler, startJobs } from './scheduler.ts'

/** Runs the jobs of the service until `signal`. */
export const startJobsOf = (deps: Deps, ending: { readonly signal: AbortSignal }): Scheduler => {
  const zoneData = zoneDataOf(process.versions['tz'])
  return startJobs(
    jobsOf(deps, () => zoneData),
    deps,
    ending,
  )
}

/** Why the server cannot listen, for the operator. */
export const refusalToListen = (
  error: unknown,
  { host, port }: { host: string; port: number },
): Refusal => {
  const { code } = error as { code?: unknown }
  if (code === 'EADDRINUSE')
    return new Refusal(
      `PORT ${port} is taken by another process: stop that one, or set PORT to a free port`,
    )
  if (code === 'EACCES')
    return new Refusal(`PORT ${port} is not open to this user: set PORT to 1024 or more`)
  return new Refusal(
    `HOST ${host} with PORT ${port} cannot be listened at (${wordOf(error)}): set HOST to an address of this machine, such as 0.0.0.0`,
  )
}

/**
 * How the time to end is divided. Running requests may take the first part. Then the last backup is
 * made, until the rest of the time is needed to abort it, which deletes its files, and to close the
 * database.
 */
const DRAINED = 0.8
const DRAINED_BEFORE_BACKUP = 0.3
const CLOSED = 0.2
const CLOSED_MS = 10_000
/** What a job needs to see the signal and to give its lease back. */
export const JOBS_END_MS = 1_000

type Closing = {
  /** Milliseconds for all of it. */
  readonly budget: number
  /** Whether a last backup has to be made. */
  readonly backups: boolean
  /** Waits so many milliseconds at most for the jobs that run. */
  jobs(ms: number): Promise<void>
  /** Makes the last backup within so many milliseconds, and closes the database. */
  close(ms: number): Promise<void>
}

/** Lets running requests finish, then closes the database. */
export const shutDown = async (
  { drain }: Listening,
  { budget, backups, jobs, close }: Closing,
): Promise<void> => {
  const began = performance.now()
  await drain(budget * (backups ? DRAINED_BEFORE_BACKUP : DRAINED))
  await jobs(Math.min(JOBS_END_MS, budget * CLOSED))
  const backedUp = budget - Math.min(budget * CLOSED, CLOSED_MS)
  await close(Math.max(0, backedUp - (performance.now() - began)))
}
