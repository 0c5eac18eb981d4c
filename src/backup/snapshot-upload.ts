// Makes one backup after the other: a snapshot of the database as a file, its upload, its entry in
// the manifest. Then the objects go that retention no longer keeps.
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Bucket, Content } from './bucket.ts'
import { type Backup, backupKey, newest, orphanKey } from './manifest.ts'
import type { ManifestCas } from './manifest-cas.ts'
import { type BackupProgress, createProgress } from './progress.ts'
import { retained } from './retention.ts'
import { type Timer, withRetry } from './retry.ts'
import { dueAt } from './schedule.ts'
import { createUnneededObjects } from './unneeded-objects.ts'

const RETRY_MS = 10_000
const DAY_MS = 86_400_000

/** A snapshot of the database as a file, ready to be uploaded. */
type Packed = {
  readonly content: Content
  readonly databaseBytes: number
  readonly migration: string
  discard(): Promise<void>
}

/** Reads the database file beside the service. */
export type Packer = {
  /** Rejects when the disk has no room for it, and when the signal comes. */
  pack(signal?: AbortSignal): Promise<Packed>
  /** Rejects when the database is damaged, and when the signal comes. */
  check(signal?: AbortSignal): Promise<void>
  readonly encrypted: boolean
}

export type SnapshotUploaderParts = {
  readonly bucket: Bucket
  readonly manifestCas: ManifestCas
  readonly packer: Packer
  readonly timer: Timer
  readonly clock: Clock
  readonly log: Log
  /** The database may hold writes that no backup holds. */
  readonly unsaved: boolean
}

export type SnapshotUploader = {
  readonly progress: BackupProgress
  isDue(): boolean
  /**
   * Makes a backup. With `release` it is the last one, and releases the database. Returns it.
   * Where another process has made a newer one meanwhile, that stays the newest.
   */
  backUp(options: { release: boolean }): Promise<Described>
  /** Uploads what no backup holds under a key of its own. Returns the key. */
  uploadOrphan(writer: string): Promise<string>
}

type Described = Omit<Backup, 'duration'>

export const createSnapshotUploader = (parts: SnapshotUploaderParts): SnapshotUploader => {
  const { bucket, manifestCas, packer, timer, log, unsaved } = parts
  const retrying = withRetry(bucket, RETRY_MS, timer)
  const progress = createProgress(timer.now, unsaved)
  const unneeded = createUnneededObjects(bucket)
  let checkedAt = Number.NEGATIVE_INFINITY

  const checkDaily = async (): Promise<void> => {
    if (timer.now() - checkedAt < DAY_MS) return
    await packer.check()
    checkedAt = timer.now()
  }

  const upload = async (release: boolean): Promise<Described> => {
    const { describe, insert } = nextBackup(parts)
    const packed = await packer.pack()
    const backup = describe(packed)
    try {
      unneeded.uploading(backup.key)
      await retrying.upload(backup.key, packed.content)
      unneeded.uploaded(backup.key)
      const whole = () => ({ ...backup, duration: Math.round(timer.now() - progress.begunAt()) })
      let dropped: readonly Backup[] = []
      await manifestCas.update((manifest) => {
        const all = insert(manifest.copies, whole())
        const copies = retained(all)
        dropped = all.filter((one) => !copies.includes(one))
        return { ...manifest, copies, released: release || manifest.released }
      })
      unneeded.manifestUpdated(manifestCas.current(), dropped)
      return backup
    } finally {
      await packed.discard()
    }
  }

  return {
    progress,
    isDue: () => {
      const due = dueAt({
        unsavedSince: progress.unscheduledSince(),
        begun: progress.begunAt(),
        duration: newest(manifestCas.current())?.duration ?? 0,
        failures: progress.failures().since,
      })
      return due !== undefined && timer.now() >= due
    },
    backUp: async ({ release }) => {
      progress.begin()
      try {
        if (!release) await checkDaily()
        progress.beginSnapshot()
        const backup = await upload(release)
        log.debug('backed up', {
          bytes: backup.bytes,
          ms: Math.round(timer.now() - progress.begunAt()),
        })
        progress.succeed()
        return backup
      } catch (error) {
        progress.fail()
        throw error
      } finally {
        await unneeded.remove()
      }
    },
    uploadOrphan: async (writer) => {
      const key = orphanKey(manifestCas.current().epoch, writer, packer.encrypted)
      const packed = await packer.pack()
      await retrying.upload(key, packed.content).finally(() => packed.discard())
      return key
    },
  }
}

/**
 * Takes the time before the snapshot is made: everything that was acknowledged until then is in the
 * backup.
 */
const nextBackup = ({ manifestCas, packer, clock }: SnapshotUploaderParts) => {
  const created_at = new Date(clock.now()).toISOString()
  const before = new Set(manifestCas.current().copies.map(({ key }) => key))
  return {
    describe: ({ content, databaseBytes, migration }: Packed): Described => {
      const { epoch } = manifestCas.current()
      const sequence = (newest(manifestCas.current())?.sequence ?? 0) + 1
      return {
        key: backupKey(epoch, sequence, packer.encrypted),
        bytes: content.bytes,
        sha256: content.sha256,
        database_bytes: databaseBytes,
        created_at,
        epoch,
        sequence,
        encrypted: packer.encrypted,
        migration,
      }
    },
    /**
     * The backups with this one at its place: behind those that are older. `npm run backup` and the
     * service may make one each at the same time, and the one that is ready last may be the older.
     * Times are compared only with backups that came meanwhile, because the clock may have been set
     * back since one before.
     */
    insert: (backups: readonly Backup[], backup: Backup): readonly Backup[] => {
      // The answer to the update that added it was lost, and then another process made an update.
      if (backups.some(({ key }) => key === backup.key)) return backups
      const isNewer = ({ key, created_at: at, sequence }: Backup) =>
        !before.has(key) && (at > created_at || sequence > backup.sequence)
      const at = backups.findIndex(isNewer)
      return backups.toSpliced(at < 0 ? backups.length : at, 0, backup)
    },
  }
}
