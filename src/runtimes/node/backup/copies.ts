// Copies of the database file, as the service uses them: wait for the turn and restore, then keep.
import { rm } from 'node:fs/promises'
import { Unauthenticated } from '../../../backup/authenticity.ts'
import { type Bucket, BucketError, type BucketFault } from '../../../backup/bucket.ts'
import { type Succession, SuccessionRefused, succeed } from '../../../backup/leader-election.ts'
import { persistent, systemTimer, type Timer } from '../../../backup/retry.ts'
import { createS3 } from '../../../backup/s3.ts'
import type { Packer } from '../../../backup/snapshot-upload.ts'
import { createKeeper, type Keeper, type KeeperState } from '../../../backup/writer.ts'
import type { BackupConfig, Config } from '../../../config.ts'
import { systemClock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { Database } from '../../../db/database.ts'
import { lastTag } from '../../../db/migrate.ts'
import type { Copies as Said } from '../../../http/deps.ts'
import type { FilePlace } from '../database-target.ts'
import { readMigrations } from '../migrations.ts'
import { Refusal } from '../refusal.ts'
import { reserveOf } from '../room.ts'
import { ask } from './ask.ts'
import { copyFolderOf, createDisk } from './disk.ts'
import { createFolderBucket } from './folder.ts'
import { inThread } from './thread.ts'

/** How long a process that starts waits for a bucket that does not work. */
const PATIENCE_MS = 60_000

export const ACCEPTING =
  'BACKUP_ACCEPT_UNAUTHENTICATED is on, so an attacker with access to the bucket can replace the database: remove it when this service has made a copy'

export const bucketOf = ({ target }: BackupConfig): Bucket =>
  target.kind === 's3' ? createS3(target, ask) : createFolderBucket(target.path)

type Packing = {
  /** Bytes that the disk keeps free while a copy is made. */
  readonly reserve: number
  /** Where the copy is made: each process that may make one at the same time needs its own. */
  readonly folder?: string
}

export const createPacker = (
  database: string,
  { encryptionKey }: BackupConfig,
  { reserve, folder = copyFolderOf(database) }: Packing,
): Packer => ({
  encrypted: encryptionKey !== undefined,
  pack: async (signal) => {
    const input = { database, folder, secret: encryptionKey, reserve }
    const { path, bytes, sha256, databaseBytes, migration } = await inThread('pack', input, signal)
    const discard = () => rm(folder, { recursive: true, force: true })
    return { content: { path, bytes, sha256 }, databaseBytes, migration, discard }
  },
  check: async (signal) => void (await inThread('check', { database }, signal)),
})

type Parts = {
  readonly config: Config
  readonly backup: BackupConfig
  readonly place: FilePlace
  readonly log: Log
  readonly timer?: Timer
  readonly bucket?: Bucket
}

/** The service's hold on its database: there from when it is its turn to write. */
export type Turn = {
  /**
   * Keeps the open database copied from now on; `ended` is called when another process has taken it
   * over.
   */
  keep(db: Database, ended: () => void): Keeper & { copies(): Promise<Said> }
}

/**
 * Waits until this process is the writer, and has the newest copy or something newer in place.
 * Throws Refusal.
 */
export const takeTurn = async ({
  config,
  backup,
  place,
  log,
  timer = systemTimer,
  bucket = bucketOf(backup),
}: Parts): Promise<Turn> => {
  const id = crypto.randomUUID()
  const patient = persistent(bucket, PATIENCE_MS, timer)
  const disk = createDisk({ place, config, bucket: patient, trust: backup })
  const parts = { timer, log, id, trust: backup, lastMigration: lastTag(readMigrations('sqlite')) }
  if (backup.acceptUnauthenticated) log.warning(ACCEPTING)
  let succession: Succession
  try {
    await rm(copyFolderOf(place.path), { recursive: true, force: true })
    succession = await succeed({ ...parts, bucket: patient, disk })
  } catch (error) {
    throw backupRefusal(error)
  }
  const { held, how, from } = succession
  log.info(`the database is ${how}`, {
    epoch: held.manifest.epoch,
    ...(from && { copied_at: from.created_at }),
  })
  return {
    keep: (db, ended) => {
      const packer = createPacker(place.path, backup, {
        reserve: reserveOf(place.path, config.storage),
      })
      const unsaved = how !== 'restored'
      const keeper = createKeeper({
        ...parts,
        bucket,
        db,
        held,
        packer,
        clock: systemClock,
        unsaved,
        stamp: disk.stamp,
        ended,
      })
      return { ...keeper, copies: async () => describeCopies(keeper.state()) }
    },
  }
}

/** What there is to say about copies to anybody. */
const describeCopies = ({
  last,
  lossBound,
  unsavedFor,
  failures,
  failing,
  copies,
  writing,
}: KeeperState): Said => {
  return {
    last: last && {
      at: Date.parse(last.created_at),
      bytes: last.bytes,
      duration: last.duration,
      encrypted: last.encrypted,
    },
    ...{ lossBound, unsavedFor, failures, failing, count: copies, writing },
  }
}

const remedies: Readonly<Record<BucketFault, string>> = {
  forbidden:
    'correct BACKUP_ACCESS_KEY_ID and BACKUP_SECRET_ACCESS_KEY, or let them read, write, list and delete there',
  no_bucket: 'make it, or correct the name in BACKUP_URL',
  unavailable: 'let this machine connect to it, or correct BACKUP_ENDPOINT',
  conflict: 'start again',
  unexpected: 'correct BACKUP_URL, BACKUP_ENDPOINT and BACKUP_REGION, or put right what is there',
}

/** Why copies cannot be used, for the operator; other errors stay what they are. */
export const backupRefusal = (error: unknown): unknown => {
  if (error instanceof BucketError)
    return new Refusal(
      `BACKUP_URL leads to copies that cannot be used, ${error.message}: ${remedies[error.fault]}`,
    )
  return error instanceof SuccessionRefused || error instanceof Unauthenticated
    ? new Refusal(`BACKUP_URL: ${error.message}`)
    : error
}
