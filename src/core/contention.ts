// How requests that change the same thing at the same moment give way to each other.
import { createKeyedQueue, type KeyedQueue, noQueue } from './keyed-queue.ts'

export type Contention = {
  /** Requests of this process that contend for the same thing, in order of arrival. */
  readonly queue: KeyedQueue
  /** Waits before another attempt; `failed` is how many attempts have failed so far. */
  pause(failed: number): Promise<void>
}

type Options = {
  readonly queue?: KeyedQueue
  /** From 0 up to 1, as Math.random. */
  readonly random?: () => number
  readonly sleep?: (ms: number) => Promise<void>
}

/** The first pause is at most twice this long, in milliseconds. */
const BASE_MS = 10
/**
 * No pause is longer than this: 32 requests of separate processes then still get an attempt each in
 * a second or two.
 */
const LONGEST_MS = 1_000

const timer = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Exponential backoff with full jitter: each pause is a random part of a bound that doubles. So
 * requests that failed at the same moment do not meet again at the next one.
 */
export const createContention = (options: Options = {}): Contention => {
  const { queue = createKeyedQueue(), random = Math.random, sleep = timer } = options
  return { queue, pause: (failed) => sleep(random() * Math.min(LONGEST_MS, BASE_MS * 2 ** failed)) }
}

/**
 * For commands, which run one thing at a time, and for platforms where requests must not wait for
 * each other.
 */
export const withoutQueue: Contention = createContention({ queue: noQueue })
