// Memory for request bodies. It is reserved before a body is read, so that unfinished uploads
// cannot fill the process.
import { DomainError } from '../core/errors.ts'
import { HttpProblem } from './problem.ts'

/**
 * Bytes of bodies that may be in memory at once: in this process, for one address, for one user.
 */
export type BodyBounds = {
  readonly process: number
  readonly address: number
  readonly user: number
}

/** Who sends a body; `user` is undefined where no credential is asked for. */
type Sender = { readonly address: string; readonly user: string | undefined }

/** The memory of one request's body. */
export type Reservation = {
  /**
   * Adds bytes. Throws `rate_limited` above the sender's bound, `unavailable` where the process has
   * too little left.
   */
  take(bytes: number): void
  /** Gives everything back; again does nothing. */
  release(): void
}

export type BodyBudget = {
  open(sender: Sender): Reservation
  /** Bytes that are reserved at this moment. */
  reserved(): number
}

/**
 * One sender gets at most half of what is left (Choudhury and Hahne's dynamic thresholds for shared
 * buffers). A few senders of large bodies therefore never take the room that the small bodies of
 * all others need.
 */
const SHARE_OF_FREE = 0.5
const RETRY_AFTER_S = '2'

type Holder = { bytes: number }
/**
 * Holders without bytes are kept until there are so many: adding and deleting an entry for each
 * request costs more.
 */
const KEPT_HOLDERS = 1_000

const createHolders = () => {
  const holders = new Map<string, Holder>()
  let sweepAt = KEPT_HOLDERS
  return (key: string): Holder => {
    const known = holders.get(key)
    if (known) return known
    if (holders.size >= sweepAt) {
      for (const [name, { bytes }] of holders) if (bytes === 0) holders.delete(name)
      sweepAt = Math.max(KEPT_HOLDERS, holders.size * 2)
    }
    const holder = { bytes: 0 }
    holders.set(key, holder)
    return holder
  }
}

const tooMuch = (bound: number) =>
  new HttpProblem(
    'rate_limited',
    `Your request bodies that are on their way may have ${bound} bytes together. Finish some, then send this again.`,
    { 'Retry-After': RETRY_AFTER_S },
  )
const busy = () =>
  new DomainError(
    'unavailable',
    'Too many request bodies are on their way. Nothing was done: send this again later.',
  )

/** Counts for this process alone. */
export const createBodyBudget = (bounds: BodyBounds): BodyBudget => {
  const [users, addresses] = [createHolders(), createHolders()]
  let total = 0
  const refuseBeyond = (holder: Holder, bytes: number, bound: number): void => {
    if (holder.bytes + bytes > bound) throw tooMuch(bound)
    if (holder.bytes + bytes > (bounds.process - total) * SHARE_OF_FREE) throw busy()
  }
  return {
    open: ({ address, user }) => {
      const ofAddress = addresses(address)
      const ofUser = user === undefined ? undefined : users(user)
      let taken = 0
      const add = (bytes: number): void => {
        taken += bytes
        total += bytes
        ofAddress.bytes += bytes
        if (ofUser) ofUser.bytes += bytes
      }
      return {
        take: (bytes) => {
          if (ofUser) refuseBeyond(ofUser, bytes, bounds.user)
          refuseBeyond(ofAddress, bytes, bounds.address)
          add(bytes)
        },
        release: () => add(-taken),
      }
    },
    reserved: () => total,
  }
}
