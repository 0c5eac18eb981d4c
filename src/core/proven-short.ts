import { LRUCache } from 'lru-cache'
import { perDatabase } from '../db/database.ts'
import type { Ctx } from './context.ts'
import { readerIdOf } from './parties.ts'

/** Characters of the names that are kept. */
const MAX_NAMES = 2 ** 20
/**
 * Milliseconds that a short read takes at most, and how many in a row prove that the next one is
 * short.
 */
const SHORT_MS = 2
const PROOFS = 8

const proofsOf = perDatabase(
  () =>
    new LRUCache<string, number>({ maxSize: MAX_NAMES, sizeCalculation: (_, name) => name.length }),
)

/** What is known of a read that the caller repeats. */
export type ProvenShort = {
  readonly short: boolean
  /** Tells how long it took this time. One that was long has to prove itself anew. */
  took(ms: number): void
}

/**
 * Has the caller's read `name` been short each of the last times? To run it in a thread costs more
 * than such a read: then it may run where it is asked. So at most one of nine holds up others.
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
