import { type Bucket, BucketError } from './bucket.ts'

/** A monotonic clock in milliseconds, and waiting by it. Tests bring their own. */
export type Timer = {
  now(): number
  /** Resolves after `ms` milliseconds, or when `wake` aborts. */
  sleep(ms: number, wake?: AbortSignal): Promise<void>
}
export const systemTimer: Timer = {
  now: () => performance.now(),
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timeout)
        wake?.removeEventListener('abort', end)
        resolve()
      }
      const timeout = setTimeout(end, ms)
      wake?.addEventListener('abort', end)
      if (wake?.aborted) end()
    }),
}

const FIRST_MS = 250
const MOST_MS = 30_000

/**
 * Milliseconds to wait after so many failures: twice as long after each, with a random part, so that
 * two processes do not try at the same moments.
 */
export const backoff = (failures: number, random: () => number = Math.random): number =>
  Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.5 + random() / 2)

export const isUnavailable = (error: unknown): boolean =>
  error instanceof BucketError && error.fault === 'unavailable'

/** The same bucket. Repeats what fails as `unavailable`, for `retryMs` milliseconds. */
export const withRetry = (bucket: Bucket, retryMs: number, timer: Timer = systemTimer): Bucket => {
  const retry = async <T>(run: () => Promise<T>): Promise<T> => {
    const until = timer.now() + retryMs
    for (let failures = 1; ; failures++)
      try {
        return await run()
      } catch (error) {
        const pause = backoff(failures)
        if (!isUnavailable(error) || timer.now() + pause > until) throw error
        await timer.sleep(pause)
      }
  }
  return {
    read: (key) => retry(() => bucket.read(key)),
    swap: (key, text, tag) => retry(() => bucket.swap(key, text, tag)),
    upload: (key, content, signal) => retry(() => bucket.upload(key, content, signal)),
    download: (key, from) => retry(() => bucket.download(key, from)),
    list: () => retry(() => bucket.list()),
    remove: (key) => retry(() => bucket.remove(key)),
  }
}
