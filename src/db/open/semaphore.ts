/** Runs things, some at the same time; others wait their turn, first come, first served. */
export type Semaphore = <T>(run: () => Promise<T>) => Promise<T>

/** Semaphore for `count` things at a time. */
export const createSemaphore = (count: number): Semaphore => {
  const waiting: (() => void)[] = []
  let free = count
  return async (run) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Of so many places the half that long work may take. */
export const halfOf = (places: number): number => Math.max(1, Math.floor(places / 2))
