/** Thrown in a transaction to undo it: a write in `mustTouch` touched no row. */
export class Stale extends Error {}

/** The result of `run`, or `stale` if it threw Stale. */
export const staleAsOutcome = async <T>(run: () => Promise<T>): Promise<T | 'stale'> => {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Stale) return 'stale'
    throw error
  }
}
