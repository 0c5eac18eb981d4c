// How long is waited before a further attempt.
const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * Milliseconds before a further attempt, behind so many that failed: more each time, and of random
 * length, so that clients that were cut off together do not come back together.
 */
export const backoff = (failures: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + Math.random() / 2)

/** Waits so long, or until `signal` is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    if (signal?.aborted) over()
    else signal?.addEventListener('abort', over)
  })

/** A request that is not answered by then is as good as lost. */
const TIMEOUT_MS = 60_000

/** For one request: aborted with `signal`, or after a minute. */
export const within = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
