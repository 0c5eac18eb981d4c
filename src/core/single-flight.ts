// Promises that requests share. Requests that wait for each other in order: keyed-queue.ts.

/** Makes a function of work that is the same for all who ask for it. */
export type Sharing = (work: () => Promise<void>) => () => Promise<void>

/** Who comes while the work is under way waits for its outcome. */
export const together: Sharing = (work) => {
  let running: Promise<void> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

/**
 * Each does the work itself: where a request that is cut off takes its promises with it, no request
 * may wait for another's.
 */
export const apart: Sharing = (work) => work
