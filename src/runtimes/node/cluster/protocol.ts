// What the first process and its workers ask of each other.
import type { Answered, Counted } from '../../../core/broadcast.ts'
import type { BatchOptions, Outcome } from '../../../db/database.ts'
import type { StorageState } from '../../../db/storage.ts'
import type { About, Copies } from '../../../http/deps.ts'
import type { Place } from '../database-target.ts'

/**
 * A batch of writes: each statement under the number that the worker gives its text, which comes
 * with it the first time.
 */
export type SentBatch = Required<BatchOptions> & { readonly writes: readonly SentWrite[] }
export type SentWrite = readonly [statement: number, cells: readonly unknown[], text?: string]

/** What a worker needs to begin; `copied`: the first process keeps the database copied. */
export type Opening = {
  readonly place: Place
  readonly about: Omit<About, 'copies'>
  readonly copied: boolean
}

/** What the first process does for its workers, and for itself where it answers requests. */
export type FirstDuties = {
  /** The worker can take connections, and answers that the service is not there yet. */
  readonly up: () => void
  /** Writes into the database file, of which there is one writer. */
  readonly atomic: (batch: SentBatch) => Promise<Outcome>
  /** Tells the other processes. */
  readonly revoked: () => Promise<void>
  readonly counted: (counted: Counted) => Promise<void>
  /** Of all processes. */
  readonly answered: () => Promise<readonly Answered[]>
  readonly copies: () => Promise<Copies>
  /** Of the database file. */
  readonly storage: () => Promise<StorageState>
}

/** What a worker does for the first process. */
export type WorkerDuties = {
  /** Answers requests with why the service is not there yet. */
  readonly wait: (reason: string) => void
  /** Opens the database and serves; answers why it cannot, where that is for the operator. */
  readonly open: (opening: Opening) => Promise<string | null>
  readonly revoked: () => void
  readonly counted: (counted: Counted) => void
  readonly answered: () => readonly Answered[]
  /** Lets finish what runs, and ends. */
  readonly drain: (graceMs: number) => void
}
