/**
 * Runs work of the same key one after the other, in order of arrival. Work of different keys runs
 * at the same time.
 */
export type KeyedQueue = {
  /** Whether work of this key runs or waits. */
  isBusy(key: string): boolean
  /** Runs `work` when all earlier work of this key has ended, whether it succeeded or failed. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** A queue for the requests of one process. It forgets a key when its work has ended. */
export const createKeyedQueue = (): KeyedQueue => {
  const last = new Map<string, Promise<unknown>>()
  return {
    isBusy: (key) => last.has(key),
    run: (key, work) => {
      const ran = last.get(key)?.then(work, work) ?? work()
      const forget = () => {
        if (last.get(key) === ran) last.delete(key)
      }
      last.set(key, ran)
      ran.then(forget, forget)
      return ran
    },
  }
}

/**
 * Queues nothing, for platforms where a request must not wait for the promise of another request.
 */
export const noQueue: KeyedQueue = { isBusy: () => false, run: (_key, work) => work() }
