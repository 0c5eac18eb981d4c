/**
 * Runs work of the same key one after the other, in order of arrival; work of different keys at the
 * same time.
 */
export type KeyedQueue = {
  /** Is work of this key under way or waiting? */
  isBusy(key: string): boolean
  /**
   * Runs `work` when all work of this key that came before it has ended, whether it succeeded or
   * failed.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** A queue for the requests of one process. It keeps nothing of a key whose work has ended. */
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

/** Orders nothing: for platforms where a request must not wait for the promise of another one. */
export const noQueue: KeyedQueue = { isBusy: () => false, run: (_key, work) => work() }
