import { LRUCache } from 'lru-cache'
import { perDatabase } from '../db/database.ts'
import type { Ctx } from './context.ts'
import { readerIdOf } from './parties.ts'

/** Characters of all names that are kept. */
const MAX_NAMES = 2 ** 20
/**
 * A read is short if it takes at most so many milliseconds. So many short reads in a row prove that
 * the next one is short.
 */
const SHORT_MS = 2
const PROOFS = 8

const proofsOf = perDatabase(
  () =>
    new LRUCache<string, number>({ maxSize: MAX_NAMES, sizeCalculation: (_, name) => name.length }),
)

/** Whether a read that the caller repeats is short. */
export type ProvenShort = {
  readonly short: boolean
  /** To be called with how long it took. A long read has to prove itself again. */
  took(ms: number): void
}

/**
 * Whether the caller's read `name` was short each of the last times. To run such a read in a thread
 * costs more than the read, so it may run on the event loop. So at most one read of nine delays
 * others.
 */
export const provenShort = (ctx: Ctx, name: string): ProvenShort => {
  const [proofs, key] = [proofsOf(ctx.db), `${readerIdOf(ctx)} ${name}`]
  const count = proofs.get(key) ?? 0
  return {
    short: count >= PROOFS,
    took: (ms) => {
      if (ms > SHORT_MS) proofs.delete(key)
      else if (count < PROOFS) proofs.set(key, count + 1)
    },
  }
}
