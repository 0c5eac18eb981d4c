import type { Config } from '../../config.ts'
import type { Ctx } from '../../core/context.ts'
import type { Credentials } from './credentials/credentials.ts'
import type { PasswordQueueKey } from './passwords/password-queue.ts'

/**
 * What the verbs of accounts need besides Ctx. Those that sign in look at no actor: there is none
 * yet.
 */
export type AccountCtx = Ctx & {
  readonly credentials: Credentials
  readonly registration: Config['registration']
  /** Whose queue it waits in to hash a password. */
  readonly passwordQueueKey?: PasswordQueueKey | undefined
  /** What signs in calls itself; a session keeps it. */
  readonly userAgent?: string | undefined
  /**
   * Counts a request of a user who has just proven who they are, and `points` beyond it; throws
   * where they have made too many.
   */
  readonly admit?: (userId: string, points?: number) => void
}
