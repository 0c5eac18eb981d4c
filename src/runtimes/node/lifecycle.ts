import { LeaseLost } from '../../core/lease.ts'
import { noteSuperseded } from '../../core/superseded.ts'
import { zoneDataOf } from '../../core/zone-data.ts'
import { isSuperseded } from '../../db/portable.ts'
import { resumeImports } from '../../features/imports/index.ts'
import { deriveInstants, finishInterrupted, maintain } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import type { Listening } from './platform.ts'
import { Refusal, wordOf } from './refusal.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/**
 * Does the maintenance that is due, and derives instants again where that is due, now and every
 * hour, until `signal`. Now and every minute it finishes bulk operations that no process goes on
 * with, and imports; and lets the driver do its upkeep. Its timers do not keep the process alive.
 */
export const maintainHourly = (deps: Deps, { signal }: { signal: AbortSignal }): void => {
  const { config, log } = deps
  const { quotas, trashDays, activityDays } = config
  const failed = (error: unknown) => {
    if (signal.aborted) return undefined // the database is closed behind it
    if (isSuperseded(error)) return noteSuperseded(log)
    if (error instanceof LeaseLost) return log.info(error.message)
    return log.error('maintenance failed', { error })
  }
  const run = () => maintain({ ...deps, quotas }, { trashDays, activityDays, signal }).catch(failed)
  void run()
  const timers = [setInterval(run, HOUR)]
  const data = zoneDataOf(process.versions['tz'])
  const derive = (starting: boolean) =>
    data
      .then((zoneData) => deriveInstants({ ...deps, quotas }, { zoneData, starting, signal }))
      .catch(failed)
  void derive(true)
  timers.push(setInterval(() => derive(false), HOUR))
  const finish = (idleMs: number) =>
    finishInterrupted({ ...deps, quotas, signal }, { idleMs }).catch(failed)
  const resume = (idleMs: number) => resumeImports({ ...deps, quotas }, { idleMs }).catch(failed)
  void finish(0)
  void resume(0)
  timers.push(setInterval(() => resume(MINUTE), MINUTE))
  timers.push(setInterval(() => finish(MINUTE), MINUTE))
  const upkeep = () =>
    deps.db.upkeep?.().catch((error) => log.error('the database could not be tidied', { error }))
  timers.push(setInterval(upkeep, MINUTE))
  for (const timer of timers) timer.unref()
  signal.addEventListener('abort', () => {
    for (const timer of timers) clearInterval(timer)
  })
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
const CLOSED_MS = 2_000

type Closing = {
  /** Milliseconds for all of it. */
  readonly budget: number
  /** Whether a last backup has to be made. */
  readonly backups: boolean
  /** Makes the last backup within so many milliseconds, and closes the database. */
  close(ms: number): Promise<void>
}

/** Lets running requests finish, then closes the database. */
export const shutDown = async (
  { drain }: Listening,
  { budget, backups, close }: Closing,
): Promise<void> => {
  const began = performance.now()
  await drain(budget * (backups ? DRAINED_BEFORE_BACKUP : DRAINED))
  const backedUp = budget - Math.min(budget * CLOSED, CLOSED_MS)
  await close(Math.max(0, backedUp - (performance.now() - began)))
}
