// Hashing a password takes memory and a tenth of a second of a core: those who want it take turns.
import { DomainError } from '../../../core/errors.ts'
import { createFairQueue } from '../../../core/fair-queue.ts'

/**
 * Whose queue it waits in: that of a network, where anyone may ask, or that of a user or device which
 * has signed in before.
 */
export type PasswordQueueKey = { readonly network: string } | { readonly known: string }

/** Of one network, user or device: as many as are hashed in a second. */
const MAX_WAITING_EACH = 20
/** Of all networks, and of all users and devices. */
const MAX_WAITING = 300
/**
 * Milliseconds after which a sign-in that still waits is refused: its client may be gone by then.
 */
const PATIENCE_MS = 10_000

const full = () =>
  new DomainError(
    'unavailable',
    'Too many passwords are being checked at this moment. Try again in a few seconds.',
  )

export type PasswordQueue = <T>(key: PasswordQueueKey, work: () => Promise<T>) => Promise<T>

/**
 * Runs at most `atOnce` pieces of work at a time. Networks take turns, and all networks together
 * are as one user or device to those: so no flood from many networks keeps out who is known. Throws
 * `unavailable` where too much waits.
 */
export const createPasswordQueue = (atOnce: number): PasswordQueue => {
  const each = {
    concurrent: atOnce,
    concurrentPerKey: atOnce,
    waitingPerKey: MAX_WAITING_EACH,
    waiting: MAX_WAITING,
    patience: PATIENCE_MS,
    full,
  }
  const known = createFairQueue(each)
  const networks = createFairQueue(each)
  return (key, work) =>
    'known' in key
      ? known.run(key.known, work)
      : networks.run(key.network, () => known.run(ALL_NETWORKS, work))
}
const ALL_NETWORKS = 'networks'
