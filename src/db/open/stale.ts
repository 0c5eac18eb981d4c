/** Thrown inside a transaction to undo it: a write listed in `mustTouch` touched no row. */
export class Stale extends Error {}

/** What `run` answers, or `stale` where it threw Stale. */
export const staleAsOutcome = async <T>(run: () => Promise<T>): Promise<T | 'stale'> => {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Stale) return 'stale'
    throw error
  }
}
