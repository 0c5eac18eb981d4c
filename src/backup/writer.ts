// The process that writes the database and backs it up: it makes backups after writes, reads the
// manifest every two seconds, hands over to the process that has claimed the next epoch, and ends
// when another process has taken over.
import type { Database } from '../db/database.ts'
import { withAbort } from './abortable.ts'
import type { Trust } from './authenticity.ts'
import { createFence, type FenceHooks } from './fence.ts'
import type { Lineage } from './lineage.ts'
import { type Backup, newest, type TaggedManifest } from './manifest.ts'
import { createManifestCas } from './manifest-cas.ts'
import { createMutex } from './mutex.ts'
import { lossBoundNow } from './schedule.ts'
import { createSnapshotUploader, type SnapshotUploaderParts } from './snapshot-upload.ts'
import { isFresh, isOver, type WriterContext, type WriterState } from './writer/context.ts'
import { handOver } from './writer/hand-over.ts'
import { makeBackups, watchManifest } from './writer/loops.ts'

export type BackupWriterParts = Omit<SnapshotUploaderParts, 'manifestCas'> & {
  readonly db: Database
  readonly trust: Trust
  /** The manifest as this process became the writer. */
  readonly tagged: TaggedManifest
  /** The id of this process. */
  readonly id: string
  writeLineage(lineage: Lineage): Promise<void>
  /** This process is no longer the writer, and has nothing left to do. */
  ended(): void
}

/** Times in milliseconds. */
export type BackupWriterState = {
  readonly last: Backup | undefined
  /** How much of the last writes a kill may lose. Undefined while backups fail. */
  readonly lossBound: number | undefined
  /** How long ago the oldest write was that no backup holds. */
  readonly unsavedFor: number | undefined
  /** In all, and whether the last attempt failed. */
  readonly failures: number
  readonly failing: boolean
  readonly count: number
  readonly writing: boolean
}

export type BackupWriter = {
  /** The database, behind the fence. */
  readonly db: Database
  state(): BackupWriterState
  /** Begins to read the manifest and to make backups. */
  start(): void
  /**
   * Makes the last backup and releases the database, within `ms` milliseconds. Returns whether
   * backups hold everything. If they do not, that is logged.
   */
  stop(ms: number): Promise<boolean>
}

export const createBackupWriter = (parts: BackupWriterParts): BackupWriter => {
  const [stopping, over] = [new AbortController(), new AbortController()]
  const writer = createContext(parts, { stopSignal: stopping.signal, overSignal: over.signal })
  return {
    db: writer.fence.db,
    state: () => describe(writer),
    start: () => {
      void watchManifest(writer)
      void makeBackups(writer)
    },
    stop: async (ms) => {
      void parts.timer.sleep(ms, over.signal).then(() => stopping.abort())
      // Else their timers would keep the process alive.
      return stop(writer).finally(() => over.abort())
    },
  }
}

const createContext = (
  parts: BackupWriterParts,
  { stopSignal, overSignal }: Pick<WriterContext, 'stopSignal' | 'overSignal'>,
): WriterContext => {
  const { timer, clock, log, id, writeLineage, ended } = parts
  const abortable = withAbort(parts, stopSignal)
  const state: WriterState = {
    mode: 'writing',
    lookedAt: { timer: timer.now(), clock: clock.now() },
    releasedAt: 0,
    resuming: undefined,
    yielding: undefined,
  }
  const manifestCas = createManifestCas({ ...parts, ...abortable })
  const uploader = createSnapshotUploader({ ...parts, ...abortable, manifestCas })
  const hooks: FenceHooks = {
    mayBegin: () => state.mode === 'writing' && isFresh({ state, timer, clock }),
    mayAcknowledge: () =>
      state.mode !== 'fenced' && state.mode !== 'yielded' && isFresh({ state, timer, clock }),
    onWrite: uploader.progress.noteWrite,
  }
  return {
    id,
    state,
    timer,
    clock,
    log,
    fence: createFence(parts.db, hooks),
    manifestCas,
    uploader,
    exclusively: createMutex(),
    stopSignal,
    overSignal,
    pause: abortable.timer.sleep,
    writeLineage,
    ended,
  }
}

const describe = (writer: WriterContext): BackupWriterState => {
  const { state, manifestCas, uploader, timer } = writer
  const { progress } = uploader
  const last = newest(manifestCas.current())
  const unsavedFor = timeSince(progress.unsavedSince(), timer.now())
  const uploadingFor = timeSince(progress.uploadingSince(), timer.now())
  const failures = progress.failures()
  return {
    last,
    lossBound:
      last && failures.since === 0
        ? lossBoundNow({ duration: last.duration, uploadingFor, unsavedFor })
        : undefined,
    unsavedFor,
    failures: failures.all,
    failing: failures.since > 0,
    count: progress.count(),
    writing: state.mode === 'writing' && isFresh(writer),
  }
}

const stop = async (writer: WriterContext): Promise<boolean> => {
  const { state, uploader, timer, log } = writer
  await state.resuming?.catch(() => {}) // what it has begun is released below
  if (!isOver(writer) && state.mode !== 'released') await handOver(writer).catch(() => {})
  await state.yielding
  const isSaved = state.mode === 'released' || state.mode === 'yielded'
  const unsavedFor = timeSince(uploader.progress.unsavedSince(), timer.now())
  state.mode = 'stopped'
  if (isSaved) return true
  if (unsavedFor !== undefined)
    log.error('no backup holds the last writes, they are on this disk only', {
      unsaved_seconds: Math.ceil(unsavedFor / 100) / 10,
    })
  else log.warning('the bucket was not told that this process ends: the next one waits for it')
  return unsavedFor === undefined
}

const timeSince = (at: number | undefined, now: number): number | undefined =>
  at === undefined ? undefined : now - at
