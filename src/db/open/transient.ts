import { isTransient } from '../portable.ts'

const ATTEMPTS = 4

/**
 * Repeats a transaction that the database itself has undone (a deadlock, a serialization failure).
 * That is safe, because nothing of it was done. The pauses grow, and have a random part.
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
