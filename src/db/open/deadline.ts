// A server that is asked and says nothing must not hold those who wait for it.

/** Thrown where the database did not answer in time. Whether it still does what it was asked for is not known. */
export class DatabaseTimeout extends Error {
  readonly code = 'DATABASE_TIMEOUT'
  constructor(ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}

/** One call under a deadline. `check` throws once nobody waits for it any more: to be called before anything is written. */
export type Attempt = { check(): void }
/** Runs something under a deadline; rejects with DatabaseTimeout where it takes longer. */
export type Deadline = <T>(run: (attempt: Attempt) => Promise<T>) => Promise<T>

/** Milliseconds that a request waits for the database at most: an answer within two seconds, whatever happens. */
export const DEADLINE_MS = 1_800
/** Milliseconds that a server may work at one statement (0: any): it gives up before the caller does, and the connection stays sound. */
export const statementTimeout = (deadlineMs: number): number =>
  deadlineMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, deadlineMs - 300)

/** For what may take its time. */
const noDeadline: Deadline = (run) => run({ check: () => {} })

/** A deadline of `ms`; `Infinity` is none. `onTimeout` is told of each call that took longer. */
export const createDeadline = (ms: number, onTimeout: () => void = () => {}): Deadline => {
  if (ms === Number.POSITIVE_INFINITY) return noDeadline
  return (run) =>
    new Promise((resolve, reject) => {
      let over = false
      const expire = () => {
        if (over) return
        over = true
        reject(new DatabaseTimeout(ms))
        onTimeout()
      }
      // Where this process was the slow one, the answer may lie there already: it is read before the time is called.
      const timer = setTimeout(() => setTimeout(expire), ms)
      const check = () => {
        if (over) throw new DatabaseTimeout(ms)
      }
      run({ check })
        .then(resolve, reject)
        .finally(() => {
          over = true
          clearTimeout(timer)
        })
    })
}
