// How requests give way to each other that change the same thing at the same time.
import { createKeyedQueue, type KeyedQueue, noQueue } from './keyed-queue.ts'

export type Contention = {
  /** Queues the requests of this process that change the same thing, in order of arrival. */
  readonly queue: KeyedQueue
  /** Waits before the next attempt. `failed` is the number of attempts that have failed. */
  pause(failed: number): Promise<void>
}

type Options = {
  readonly queue?: KeyedQueue
  /** Returns a number from 0 up to 1, as Math.random does. */
  readonly random?: () => number
  readonly sleep?: (ms: number) => Promise<void>
}

/** The first pause is at most twice this long, in milliseconds. */
const BASE_MS = 10
/**
 * The longest pause. With it 32 requests of separate processes each get an attempt within a second
 * or two.
 */
const LONGEST_MS = 1_000

const timer = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Exponential backoff with full jitter: each pause is a random part of a bound that doubles. So
 * requests that failed at the same moment do not try again at the same moment.
 */
export const createContention = (options: Options = {}): Contention => {
  const { queue = createKeyedQueue(), random = Math.random, sleep = timer } = options
  return { queue, pause: (failed) => sleep(random() * Math.min(LONGEST_MS, BASE_MS * 2 ** failed)) }
}

/**
 * For commands, which do one thing at a time, and for platforms where requests must not wait for
 * each other.
 */
export const withoutQueue: Contention = createContention({ queue: noQueue })
