// What the parts of a backup writer share.
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { BucketError } from '../bucket.ts'
import type { Fence } from '../fence.ts'
import type { Lineage } from '../lineage.ts'
import type { ManifestCas } from '../manifest-cas.ts'
import type { Mutex } from '../mutex.ts'
import type { Timer } from '../retry.ts'
import type { SnapshotUploader } from '../snapshot-upload.ts'

/**
 * A writer acknowledges a write only where it has looked at the manifest within this time, whether
 * or not the bucket answered (decision 013). A lease is longer.
 */
const FRESH_MS = 12_000

export type WriterState = {
  /**
   * - `writing`: writes are acknowledged, and backed up
   * - `handing over`: another process has claimed the database, or this one stops
   * - `released`: the last backup holds every acknowledged write
   * - `fenced`: another process is the writer
   * - `yielded`: the same, and what only this process had is in the bucket
   * - `stopped`: `stop` has returned
   */
  mode: 'writing' | 'handing over' | 'released' | 'fenced' | 'yielded' | 'stopped'
  /** When the manifest was last looked at, with or without an answer, by the timer and the clock. */
  lookedAt: { readonly timer: number; readonly clock: number }
  /** When the database was released, or another process last changed the manifest after that. */
  releasedAt: number
  /** Going on after a release that no process took, while it runs. */
  resuming: Promise<void> | undefined
  /** Giving up the database to another process, from when that begins. */
  yielding: Promise<void> | undefined
}

export type WriterContext = {
  /** The id of this process. */
  readonly id: string
  readonly state: WriterState
  readonly timer: Timer
  readonly clock: Clock
  readonly log: Log
  readonly fence: Fence
  readonly manifestCas: ManifestCas
  readonly uploader: SnapshotUploader
  /** Backups, and what must not run during one. */
  readonly exclusively: Mutex
  /** Aborts when the time to stop is over. */
  readonly stopSignal: AbortSignal
  /** Aborts when `stop` is done. */
  readonly overSignal: AbortSignal
  /** Waits between attempts. Rejects when `stopSignal` aborts. */
  pause(ms: number): Promise<void>
  writeLineage(lineage: Lineage): Promise<void>
  /** This process is no longer the writer, and has nothing left to do. */
  ended(): void
}

export const isOver = ({ state: { mode } }: WriterContext): boolean =>
  mode === 'fenced' || mode === 'yielded' || mode === 'stopped'

/** The clock counts too: a machine that was suspended may have a timer that stood still. */
export const isFresh = ({
  state: { lookedAt },
  timer,
  clock,
}: Pick<WriterContext, 'state' | 'timer' | 'clock'>): boolean =>
  timer.now() - lookedAt.timer < FRESH_MS && Math.abs(clock.now() - lookedAt.clock) < FRESH_MS

/** The message of a BucketError says enough. Any other error is logged with its stack. */
export const causeOf = (error: unknown) =>
  error instanceof BucketError ? { reason: error.message } : { error }
