// Limits how long a call waits for a server that does not answer.

/**
 * Thrown when the database did not answer in time. Whether it did what it was asked for is not
 * known.
 */
class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT'
  constructor(ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}

/** Thrown when too many calls waited to ask the database. Nothing was done. */
export class DatabaseBusy extends Error {
  readonly code = 'DATABASE_BUSY'
  constructor() {
    super('the database is asked for more than it can do')
  }
}

/** One call under a deadline. */
export type TimedCall = {
  /** Throws when the time is over. To be called before anything is written. */
  check(): void
  /**
   * The promise, or a rejection when the time is over. What was reserved for the call can be
   * released then.
   */
  orLate<T>(promise: Promise<T>): Promise<T>
}
/** Runs something under a deadline. Rejects with DatabaseTimeout if it takes longer. */
export type Deadline = <T>(run: (call: TimedCall) => Promise<T>) => Promise<T>

/**
 * Milliseconds that a request waits for the database at most, so that it is answered within two
 * seconds.
 */
export const DEADLINE_MS = 1_800
/**
 * Milliseconds that a server may work at one statement (0: any number). The server gives up before
 * the caller does, so that the connection stays usable.
 */
export const statementTimeout = (deadlineMs: number): number =>
  deadlineMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, deadlineMs - 300)

/** For calls that may take long. */
const noDeadline: Deadline = (run) => run({ check: () => {}, orLate: (promise) => promise })

/**
 * A deadline of `ms` milliseconds. `Infinity` is none. `onTimeout` is called for each call that
 * took longer.
 */
export const createDeadline = (ms: number, onTimeout: () => void = () => {}): Deadline => {
  if (ms === Number.POSITIVE_INFINITY) return noDeadline
  return <T>(run: (call: TimedCall) => Promise<T>) => {
    let late = false
    const waiting: ((reason: unknown) => void)[] = []
    const giveUp = () => {
      late = true
      for (const reject of waiting) reject(new DatabaseTimeout(ms))
      onTimeout()
    }
    // If this process was busy, the response may have arrived already. It is read before the call
    // is given up.
    let timer = setTimeout(() => {
      timer = setTimeout(giveUp)
    }, ms)
    const check = () => {
      if (late) throw new DatabaseTimeout(ms)
    }
    // Every query uses this. It does what Promise.race does, with fewer promises.
    const orLate = <P>(promise: Promise<P>): Promise<P> =>
      new Promise((resolve, reject) => {
        if (late) return reject(new DatabaseTimeout(ms))
        waiting.push(reject)
        promise.then(resolve, reject)
      })
    const end = () => clearTimeout(timer)
    const ran = run({ check, orLate })
    ran.then(end, end)
    return orLate(ran)
  }
}
