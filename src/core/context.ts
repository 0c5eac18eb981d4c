import type { Database } from '../db/database.ts'
import type { Instant } from '../db/instant.ts'
import { instantOf } from '../db/instant.ts'
import type { Write } from '../db/statement.ts'
import type { Scope } from './access.ts'
import type { Alarm } from './alarm.ts'
import type { Clock } from './clock.ts'
import type { Contention } from './contention.ts'
import type { FairQueue } from './fair-queue.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'

/** How many things a user may own, and how many bytes of text. */
export type Quotas = {
  readonly tasks: number
  readonly projects: number
  readonly labels: number
  readonly keys: number
  readonly bytes: number
}

/**
 * The caller. `subject` is the caller's name at its issuer. For accounts of this service it is the
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

/** Who is named in the record of what happened. `actorId`: null for the service. */
export type Author = { readonly actorId: string | null; readonly credential: string }

/** How changes of many rows are split: rows per chunk, and the queue in which users take turns. */
export type Chunking = { readonly rows?: number; readonly queue?: FairQueue }

/**
 * The instant of one operation. The clock is read once for it, so that all rows that it writes have the same
 * one.
 */
type Moment = { at?: Instant | undefined }

/**
 * Takes what verbs decide in place of committing it, where several are committed together
 * (`core/together.ts`).
 */
export type Collector = {
  /** 0, or more where what was decided has been overtaken before. */
  readonly attempt: number
  take(decided: object): void
  hasTaken(): boolean
}

/** What a verb needs besides its input. */
export type Ctx = {
  readonly actor: Actor
  /** Who began what the service goes on with. Undefined where that is the actor. */
  readonly author?: Author | undefined
  readonly db: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly quotas: Quotas
  /** How requests give way to each other. Without it they only pause. */
  readonly contention?: Contention
  /** The queue in which the long work of users takes turns. Undefined if it need not wait. */
  readonly longReadQueue?: FairQueue | undefined
  /**
   * Counts points against the caller's rate limit: one for each request, and one for each 10 ms of
   * long work.
   */
  readonly charge?: (points: number) => void
  /**
   * For a request with an Idempotency-Key: the write that keeps its response, for the verb's own
   * batch.
   */
  readonly receipt?: { write(result: unknown): Write; exists(): Promise<boolean> }
  readonly bulk?: Chunking
  readonly collector?: Collector
  /** Is told whose change logs have grown. */
  readonly grown?: { note(readers: readonly string[]): void } | undefined
  /** Tells what fires reminders when one is set for. Without it, that looks by itself. */
  readonly alarm?: Alarm
  /** Does work that goes on behind the answer. Undefined where the caller waits for all of it. */
  readonly background?: ((work: () => Promise<void>) => void) | undefined
  /** Of this call of an operation. Undefined for long work, whose every step reads the clock. */
  readonly moment?: Moment
}

/**
 * Of work without a request. `signal`: aborted when the process is to end. Soon afterwards it closes
 * the database, also while the work goes on.
 */
export type Interruptible = { readonly signal?: AbortSignal | undefined }

/** The present: one instant for all that an operation decides on and writes. */
export const now = ({ clock, moment }: Pick<Ctx, 'clock' | 'moment'>): Instant => {
  if (moment === undefined) return instantOf(clock.now())
  moment.at ??= instantOf(clock.now())
  return moment.at
}

/**
 * Lets the operation read the clock again, because it decides again: what is written late must not look as if
 * it had been written before others looked.
 */
export const renewMoment = ({ moment }: Pick<Ctx, 'moment'>): void => {
  if (moment) moment.at = undefined
}

/**
 * The present, for a thing that was changed at `before`: later than that, also where the clock was
 * set back, or another process' clock is ahead. Clients ask for what was changed since.
 */
export const nowAfter = (ctx: Pick<Ctx, 'clock'>, before: Instant): Instant =>
  after(before, now(ctx))
/** The instant `at`, or a millisecond after `before` where that is later. */
export const after = (before: Instant, at: Instant): Instant =>
  at > before ? at : instantOf(Date.parse(before) + 1)

/**
 * The context in which the service itself acts for a user who proves nothing: new, or about to sign
 * in.
 */
export const onBehalfOf = <C extends Omit<Ctx, 'actor'>>(ctx: C, userId: string) => ({
  ...ctx,
  actor: { kind: 'system', userId, subject: userId } as const,
})
