import type { Database } from '../db/database.ts'
import type { Instant } from '../db/instant.ts'
import { instantOf } from '../db/instant.ts'
import type { Write } from '../db/statement.ts'
import type { Scope } from './access.ts'
import type { Clock } from './clock.ts'
import type { Contention } from './contention.ts'
import type { FairQueue } from './fair-queue.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'

/** How many of each a user may own, and how many bytes of text. */
export type Quotas = {
  readonly tasks: number
  readonly projects: number
  readonly labels: number
  readonly keys: number
  readonly bytes: number
}

/**
 * Who is calling. `subject` is the caller's name at its issuer; for accounts of our own it is the
 * user id.
 */
export type Actor =
  | {
      readonly kind: 'session'
      readonly userId: string
      readonly subject: string
      readonly sessionId: string
    }
  | {
      readonly kind: 'key'
      readonly userId: string
      readonly subject: string
      readonly keyId: string
      readonly scopes: readonly Scope[]
    }
  | {
      readonly kind: 'external'
      readonly userId: string
      readonly subject: string
      readonly issuer: string
    }
  /** Not authenticated: may call only what asks for no credential. */
  | { readonly kind: 'anonymous'; readonly userId: string; readonly subject: string }
  /** The service itself, for the user it names. */
  | { readonly kind: 'system'; readonly userId: string; readonly subject: string }

/**
 * How changes of many rows are cut into chunks: rows of each, and the queue in which users take
 * turns with theirs.
 */
export type Chunking = { readonly rows?: number; readonly turns?: FairQueue }

/** What a verb needs besides its input. */
export type Ctx = {
  readonly actor: Actor
  readonly db: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly quotas: Quotas
  /** How to give way to requests that change the same thing; without it by pauses alone. */
  readonly contention?: Contention
  /** Where long work of the users waits for its turn; undefined where it need not wait. */
  readonly turns?: FairQueue | undefined
  /**
   * Counts work against the caller's limit, in points: one for each request, and one for each 10 ms
   * of long work.
   */
  readonly charge?: (points: number) => void
  /**
   * Where the caller wants the answer remembered (Idempotency-Key): the write that does it, for the
   * verb's own batch.
   */
  readonly receipt?: { write(result: unknown): Write; exists(): Promise<boolean> }
  readonly bulk?: Chunking
}

export const now = (ctx: Pick<Ctx, 'clock'>): Instant => instantOf(ctx.clock.now())
