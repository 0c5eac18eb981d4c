export type Mutex = <T>(run: () => Promise<T>) => Promise<T>

/** Runs what it is given one after the other, also after a run that failed. */
export const createMutex = (): Mutex => {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const next = last.then(run, run)
    last = next
    return next
  }
}
