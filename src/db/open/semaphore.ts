import type { Histogram } from '../histogram.ts'

/** Runs a limited number of functions at a time. The others wait in order of arrival. */
export type Semaphore = <T>(run: () => Promise<T>) => Promise<T>

/** Semaphore for `count` things at a time. `waits` counts how long each waited for its turn. */
export const createSemaphore = (count: number, waits?: Histogram): Semaphore => {
  const waiting: (() => void)[] = []
  let free = count
  return async (run) => {
    if (free > 0) {
      free--
      waits?.observe(0)
    } else {
      const began = performance.now()
      await new Promise<void>((resolve) => waiting.push(resolve))
      waits?.observe(performance.now() - began)
    }
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** The half of `permits`, which long work may take. */
export const halfOf = (permits: number): number => Math.max(1, Math.floor(permits / 2))
