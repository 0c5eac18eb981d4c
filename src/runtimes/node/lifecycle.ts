import { LeaseLost } from '../../core/lease.ts'
import { noteSuperseded } from '../../core/superseded.ts'
import { isSuperseded } from '../../db/portable.ts'
import { finishInterrupted, maintain } from '../../features/maintenance/index.ts'
import type { Deps } from '../../http/deps.ts'
import type { Listening } from './platform.ts'
import { Refusal, wordOf } from './refusal.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/**
 * Does what is due of the maintenance of this database, now and every hour, until `signal`; finishes
 * now and every minute the large changes that nothing goes on with, and has the database do what it
 * has to. It does not keep the process alive.
 */
export const maintainHourly = (deps: Deps, { signal }: { signal: AbortSignal }): void => {
  const { config, log } = deps
  const { quotas, trashDays } = config
  const failed = (error: unknown) => {
    if (isSuperseded(error)) return noteSuperseded(log)
    if (error instanceof LeaseLost) return log.info(error.message)
    return log.error('maintenance failed', { error })
  }
  const run = () => maintain({ ...deps, quotas }, { trashDays, signal }).catch(failed)
  void run()
  setInterval(run, HOUR).unref()
  const finish = (idleMs: number) =>
    finishInterrupted({ ...deps, quotas }, { idleMs }).catch(failed)
  void finish(0)
  setInterval(() => finish(MINUTE), MINUTE).unref()
  const upkeep = () =>
    deps.db.upkeep?.().catch((error) => log.error('the database could not be tidied', { error }))
  setInterval(upkeep, MINUTE).unref()
}

/** Why it cannot listen, for the operator. */
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
 * The parts of the time that a process has to end: requests that run may take the first. Then a
 * last copy is made, until what is left is needed for giving it up, which deletes what it had on
 * the disk, and for closing the database.
 */
const DRAINED = 0.8
const DRAINED_BEFORE_COPY = 0.3
const CLOSED = 0.2
const CLOSED_MS = 2_000

type Closing = {
  /** Milliseconds for all of it. */
  readonly budget: number
  /** Is a last copy to be made? */
  readonly copies: boolean
  /** Makes it within so many milliseconds, and closes the database. */
  close(ms: number): Promise<void>
}

/** Lets finish what runs, then closes. */
export const shutDown = async (
  { drain }: Listening,
  { budget, copies, close }: Closing,
): Promise<void> => {
  const began = performance.now()
  await drain(budget * (copies ? DRAINED_BEFORE_COPY : DRAINED))
  const copied = budget - Math.min(budget * CLOSED, CLOSED_MS)
  await close(Math.max(0, copied - (performance.now() - began)))
}
