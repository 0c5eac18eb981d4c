// Promises that requests share. keyed-queue.ts is for requests that run one after the other.

/** Wraps work of which one run serves all callers. */
export type SingleFlight = (work: () => Promise<void>) => () => Promise<void>

/** A caller that comes while the work runs waits for that run. */
export const singleFlight: SingleFlight = (work) => {
  let running: Promise<void> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

/**
 * Each caller runs the work itself. For platforms that end the promises of a request with it, so
 * that no request may wait for the promise of another.
 */
export const noSingleFlight: SingleFlight = (work) => work
