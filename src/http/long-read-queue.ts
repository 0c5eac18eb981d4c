// Whose long work runs when: lists that read much, by users who own much.
import { createFairQueue, type FairQueue } from '../core/fair-queue.ts'
import type { Database } from '../db/database.ts'
import { HttpProblem } from './problem.ts'

/**
 * Pieces of long work of one user that run at a time, and that wait: as many as one honest client
 * asks for at once.
 */
const RUNNING_PER_USER = 2
const WAITING_PER_USER = 32
/**
 * Milliseconds after which a request that still waits is refused: a connection that is silent for
 * longer may be cut.
 */
const PATIENCE_MS = 20_000

const tooMany = () =>
  new HttpProblem(
    'rate_limited',
    'So many of your requests that take long are waiting already. Come back when they are answered.',
    {
      'Retry-After': '1',
    },
  )

/** Users share the time that their long work takes. */
export const createLongReadQueue = ({
  longReadsAtOnce,
}: Pick<Database, 'longReadsAtOnce'>): FairQueue =>
  createFairQueue({
    concurrent: longReadsAtOnce,
    concurrentPerKey: RUNNING_PER_USER,
    waitingPerKey: WAITING_PER_USER,
    patience: PATIENCE_MS,
    full: tooMany,
  })
