/** Work that waits for its turn: one queue a key (a user, a network), and the keys take turns. */
export type FairQueue = {
  /** Runs `work` when it is the turn of `key`. Throws what `work` throws, and what `full` makes where too much waits. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  /** How many pieces of work wait and run now. */
  count(): { readonly waiting: number; readonly running: number }
}

export type FairQueueLimits = {
  /** Pieces of work that run at a time, of all keys together. */
  readonly concurrent: number
  /** Pieces of work of one key that run at a time. */
  readonly concurrentPerKey: number
  /** Pieces of work of one key that wait at most; more are refused with the error that `full` makes. */
  readonly waitingPerKey: number
  /** The same for all keys together. */
  readonly waiting?: number
  readonly full: () => Error
}

/**
 * A queue in which one key's work never waits for more than one piece of work of each other key: the keys that wait are
 * served in turn, whatever the length of their queues (round-robin, as in fair queueing of packets).
 */
export const createFairQueue = (limits: FairQueueLimits): FairQueue => {
  const { concurrent, concurrentPerKey, waitingPerKey, waiting: mostWaiting = Number.POSITIVE_INFINITY, full } = limits
  /** What waits, by key. A Map keeps the order of insertion: the key that was served goes to its end. */
  const waiting = new Map<string, (() => void)[]>()
  const runningOf = new Map<string, number>()
  let running = 0
  let waits = 0

  const begin = (key: string): void => {
    running++
    runningOf.set(key, (runningOf.get(key) ?? 0) + 1)
  }
  const end = (key: string): void => {
    running--
    const left = (runningOf.get(key) ?? 1) - 1
    if (left === 0) runningOf.delete(key)
    else runningOf.set(key, left)
    startNext()
  }
  const mayRun = (key: string): boolean => running < concurrent && (runningOf.get(key) ?? 0) < concurrentPerKey

  const startNext = (): void => {
    for (const [key, queue] of waiting) {
      if (running >= concurrent) return
      if (!mayRun(key)) continue
      const start = queue.shift()
      waits--
      waiting.delete(key)
      if (queue.length > 0) waiting.set(key, queue)
      begin(key)
      start?.()
    }
  }

  const turn = (key: string): Promise<void> | undefined => {
    const queue = waiting.get(key)
    if (queue === undefined && mayRun(key)) return void begin(key)
    if ((queue?.length ?? 0) >= waitingPerKey || waits >= mostWaiting) throw full()
    waits++
    return new Promise((resolve) => {
      if (queue) queue.push(resolve)
      else waiting.set(key, [resolve])
    })
  }

  return {
    run: async (key, work) => {
      await turn(key)
      try {
        return await work()
      } finally {
        end(key)
      }
    },
    count: () => ({ waiting: waits, running }),
  }
}
