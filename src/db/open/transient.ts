import { isTransient } from '../portable.ts'

const ATTEMPTS = 4

/**
 * Runs a transaction again where the database itself undid it (a deadlock, a serialization
 * failure): nothing of it has happened, so that is always safe. Waits a little longer each time,
 * and not all for the same time.
 */
export const retryTransient = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 5 * (1 + Math.random())))
    }
  }
}
