import type { LongRead } from '../database.ts'

/** Runs a read; where it may be long, tells what it took from now on. */
export const timed = async <T>(long: LongRead | undefined, read: () => Promise<T>): Promise<T> => {
  if (!long) return read()
  const began = performance.now()
  try {
    return await read()
  } finally {
    long.took(performance.now() - began)
  }
}
