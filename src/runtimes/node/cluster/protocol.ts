// The calls between the first process and its workers.
import type { CountedPoints, Figures } from '../../../core/broadcast.ts'
import type { JobReport } from '../../../core/job-runs.ts'
import type { BatchOptions, Outcome } from '../../../db/database.ts'
import type { Instant } from '../../../db/instant.ts'
import type { StorageState } from '../../../db/storage.ts'
import type { About, BackupStatus } from '../../../http/deps.ts'
import type { DatabaseTarget } from '../database-target.ts'

/**
 * A batch of writes. Each statement has the number that the worker gave its text. The text comes
 * with it the first time.
 */
export type SentBatch = Required<BatchOptions> & { readonly writes: readonly SentWrite[] }
export type SentWrite = readonly [statement: number, cells: readonly unknown[], text?: string]

/** What a worker needs to begin. `backups`: the first process makes backups. */
export type Opening = {
  readonly target: DatabaseTarget
  readonly about: Omit<About, 'backups'>
  readonly backups: boolean
}

/** What the first process does for its workers, and for itself when it answers requests. */
export type PrimaryMethods = {
  /** The worker can take connections, and answers that the service is not there yet. */
  readonly up: () => void
  /** Writes into the database file: one process writes it. */
  readonly atomic: (batch: SentBatch) => Promise<Outcome>
  /** Tells the other processes that a credential was revoked. */
  readonly revoked: () => Promise<void>
  /** Tells the other processes what this one has counted. */
  readonly counted: (counted: CountedPoints) => Promise<void>
  /** Tells the other processes for when a reminder was set. */
  readonly reminded: (at: Instant) => Promise<void>
  /** Tells the other processes whose change logs have grown. */
  readonly grown: (readers: readonly string[]) => Promise<void>
  /** The metrics of all processes. */
  readonly figures: () => Promise<Figures>
  /** The runs of the jobs, which are all in the first process. */
  readonly jobs: () => Promise<readonly JobReport[]>
  readonly backups: () => Promise<BackupStatus>
  /** The storage of the database file. */
  readonly storage: () => Promise<StorageState>
}

/** What a worker does for the first process. */
export type WorkerMethods = {
  /** Answers requests with the reason why the service is not there yet. */
  readonly wait: (reason: string) => void
  /** Opens the database and serves. Returns why it cannot, if that is for the operator. */
  readonly open: (opening: Opening) => Promise<string | null>
  readonly revoked: () => void
  readonly counted: (counted: CountedPoints) => void
  readonly reminded: (at: Instant) => void
  readonly grown: (readers: readonly string[]) => void
  readonly figures: () => Figures
  /** Lets running requests finish, and ends. */
  readonly drain: (graceMs: number) => void
}
