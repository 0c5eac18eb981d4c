import type { Ctx } from './context.ts'
import { knownByName } from './known-by-name.ts'
import { readerIdOf } from './parties.ts'

/** A read is short if it takes at most so many milliseconds. */
const SHORT_MS = 2
/**
 * Short reads earn credit, in milliseconds, and longer ones spend as much as they took. Eight short
 * reads are enough for the next one to count as short. Credit and debt end at those of 32: a slow
 * moment of the machine does not make a query long, and a query that is long has to be short 40
 * times before it is trusted again.
 */
const EARNED_MS = SHORT_MS / 8
const ENOUGH_MS = 8 * EARNED_MS
const MOST_MS = 32 * EARNED_MS

const creditsOf = knownByName<number>()

/** Whether a read that the caller repeats is short. */
export type ProvenShort = {
  readonly short: boolean
  /** To be called with how many milliseconds it took. */
  took(ms: number): void
}

/**
 * Whether the caller's read `name` has been short of late. To run such a read in a thread costs more
 * than the read, so it may run on the event loop. In the long run at most one read of nine delays
 * others.
 */
export const provenShort = (ctx: Ctx, name: string): ProvenShort => {
  const [credits, key] = [creditsOf(ctx.db), `${readerIdOf(ctx)} ${name}`]
  const credit = () => credits.get(key) ?? 0
  return {
    short: credit() >= ENOUGH_MS,
    took: (ms) => {
      const earned = ms <= SHORT_MS ? EARNED_MS : -ms
      credits.set(key, Math.max(-MOST_MS, Math.min(MOST_MS, credit() + earned)))
    },
  }
}
