import type { LongRead } from '../database.ts'

/** Runs a read. If it is marked as long, tells how long it took. */
export const timed = async <T>(long: LongRead | undefined, read: () => Promise<T>): Promise<T> => {
  if (!long) return read()
  const began = performance.now()
  try {
    return await read()
  } finally {
    long.took(performance.now() - began)
  }
}
