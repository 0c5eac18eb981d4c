// A server that is asked and says nothing must not hold those who wait for it.

/**
 * Thrown where the database did not answer in time. Whether it still does what it was asked for is
 * not known.
 */
class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT'
  constructor(ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}

/** Thrown where so many were waiting that the database was not asked any more: nothing was done. */
export class DatabaseBusy extends Error {
  readonly code = 'DATABASE_BUSY'
  constructor() {
    super('the database is asked for more than it can do')
  }
}

/** One call under a deadline. */
export type Attempt = {
  /** Throws once the caller has stopped waiting: to be called before anything is written. */
  check(): void
  /**
   * The promise, or a rejection once the caller has stopped waiting: what is held for it need not
   * be held longer.
   */
  orLate<T>(promise: Promise<T>): Promise<T>
}
/** Runs something under a deadline; rejects with DatabaseTimeout where it takes longer. */
export type Deadline = <T>(run: (attempt: Attempt) => Promise<T>) => Promise<T>

/**
 * Milliseconds that a request waits for the database at most: an answer within two seconds in any
 * case.
 */
export const DEADLINE_MS = 1_800
/**
 * Milliseconds that a server may work at one statement (0: any): it gives up before the caller
 * does, and the connection stays sound.
 */
export const statementTimeout = (deadlineMs: number): number =>
  deadlineMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, deadlineMs - 300)

/** For what may take its time. */
const noDeadline: Deadline = (run) => run({ check: () => {}, orLate: (promise) => promise })

/** A deadline of `ms`; `Infinity` is none. `onTimeout` is told of each call that took longer. */
export const createDeadline = (ms: number, onTimeout: () => void = () => {}): Deadline => {
  if (ms === Number.POSITIVE_INFINITY) return noDeadline
  return <T>(run: (attempt: Attempt) => Promise<T>) => {
    let late = false
    const waiting: ((reason: unknown) => void)[] = []
    const giveUp = () => {
      late = true
      for (const reject of waiting) reject(new DatabaseTimeout(ms))
      onTimeout()
    }
    // Where this process was the slow one, the answer may lie there already: it is read before the
    // time is called.
    let timer = setTimeout(() => {
      timer = setTimeout(giveUp)
    }, ms)
    const check = () => {
      if (late) throw new DatabaseTimeout(ms)
    }
    // Every query comes by here: this is Promise.race, without the promises that it makes.
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
