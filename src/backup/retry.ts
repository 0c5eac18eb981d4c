import { type Bucket, BucketError } from './bucket.ts'

/** A clock that is never set, in milliseconds, and waiting by it. Tests bring their own. */
export type Timer = { now(): number; sleep(ms: number): Promise<void> }
export const systemTimer: Timer = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

const FIRST_MS = 250
const MOST_MS = 30_000

/**
 * Milliseconds to wait after so many failures: twice as long each time, and never two processes in
 * step.
 */
export const backoff = (failures: number, random: () => number = Math.random): number =>
  Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.5 + random() / 2)

export const isUnavailable = (error: unknown): boolean =>
  error instanceof BucketError && error.fault === 'unavailable'

/**
 * The same bucket, asked again while it is unavailable: until `patience` milliseconds have passed.
 */
export const persistent = (
  bucket: Bucket,
  patience: number,
  timer: Timer = systemTimer,
): Bucket => {
  const again = async <T>(ask: () => Promise<T>): Promise<T> => {
    const until = timer.now() + patience
    for (let failures = 1; ; failures++)
      try {
        return await ask()
      } catch (error) {
        const pause = backoff(failures)
        if (!isUnavailable(error) || timer.now() + pause > until) throw error
        await timer.sleep(pause)
      }
  }
  return {
    read: (key) => again(() => bucket.read(key)),
    swap: (key, text, tag) => again(() => bucket.swap(key, text, tag)),
    upload: (key, content, signal) => again(() => bucket.upload(key, content, signal)),
    download: (key, from) => again(() => bucket.download(key, from)),
    list: () => again(() => bucket.list()),
    remove: (key) => again(() => bucket.remove(key)),
  }
}
