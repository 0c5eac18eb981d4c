import { DomainError } from './errors.ts'
import { createFairQueue, type FairQueue } from './fair-queue.ts'

/** Pieces of long work of one user that wait for their turn, in this process. */
const WAITING_OF_USER = 100

/**
 * The turns of users whose work is long: one chunk at a time runs, so that each waits for one chunk
 * of each other at most.
 */
export const createChunkQueue = (): FairQueue =>
  createFairQueue({
    concurrent: 1,
    concurrentPerKey: 1,
    waitingPerKey: WAITING_OF_USER,
    full: () =>
      new DomainError(
        'write_conflict',
        'Too many large changes of this account wait for each other. Try again later.',
      ),
  })
