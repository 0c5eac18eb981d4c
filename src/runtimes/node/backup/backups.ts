// The service with backups: it waits until it is the writer, restores, and then makes backups.
import { rm } from 'node:fs/promises'
import { Unauthenticated } from '../../../backup/authenticity.ts'
import { type Bucket, BucketError, type BucketFault } from '../../../backup/bucket.ts'
import { becomeLeader, type Candidate, type Election } from '../../../backup/leader-election.ts'
import { Fenced } from '../../../backup/manifest-cas.ts'
import { BackupRefused } from '../../../backup/refused.ts'
import { systemTimer, type Timer, withRetry } from '../../../backup/retry.ts'
import { createS3 } from '../../../backup/s3.ts'
import type { Packer } from '../../../backup/snapshot-upload.ts'
import {
  type BackupWriter,
  type BackupWriterState,
  createBackupWriter,
} from '../../../backup/writer.ts'
import type { BackupConfig, Config } from '../../../config.ts'
import { systemClock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { Database } from '../../../db/database.ts'
import { lastTag } from '../../../db/migrate.ts'
import type { BackupStatus } from '../../../http/deps.ts'
import type { FileTarget } from '../database-target.ts'
import { reserveBytes } from '../disk-space.ts'
import { readMigrations } from '../migrations.ts'
import { Refusal } from '../refusal.ts'
import { createDisk, snapshotFolderOf } from './disk.ts'
import { createFolderBucket } from './folder.ts'
import { runJob } from './thread.ts'
import { transport } from './transport.ts'

/** How long a process that starts repeats what fails because the bucket is unavailable. */
const RETRY_MS = 60_000

export const ACCEPTING =
  'BACKUP_ACCEPT_UNAUTHENTICATED is on, so an attacker with access to the bucket can replace the database: remove it when this service has made a backup'

export const bucketOf = ({ target }: BackupConfig): Bucket =>
  target.kind === 's3' ? createS3(target, transport) : createFolderBucket(target.path)

type Packing = {
  /** Bytes that have to stay free on the disk while a backup is made. */
  readonly reserve: number
  /** Where the snapshot is made. Processes that make one at the same time need different ones. */
  readonly folder?: string
}

export const createPacker = (
  database: string,
  { encryptionKey }: BackupConfig,
  { reserve, folder = snapshotFolderOf(database) }: Packing,
): Packer => ({
  encrypted: encryptionKey !== undefined,
  pack: async (signal) => {
    const input = { database, folder, secret: encryptionKey, reserve }
    const { path, bytes, sha256, databaseBytes, migration } = await runJob('pack', input, signal)
    const discard = () => rm(folder, { recursive: true, force: true })
    return { content: { path, bytes, sha256 }, databaseBytes, migration, discard }
  },
  check: async (signal) => void (await runJob('check', { database }, signal)),
})

type Parts = {
  readonly config: Config
  readonly backupConfig: BackupConfig
  readonly target: FileTarget
  readonly log: Log
  readonly timer?: Timer
  readonly bucket?: Bucket
}

/** This process is the writer of its database. */
export type Leadership = {
  /**
   * Wraps the open database in a writer, which backs it up. `ended` is called when another process
   * has taken the database over.
   */
  createWriter(db: Database, ended: () => void): BackupWriter & { backups(): Promise<BackupStatus> }
}

/**
 * Waits until this process is the writer, and the newest backup or something newer is in place.
 * Throws Refusal.
 */
export const becomeWriter = async (parts: Parts): Promise<Leadership> => {
  const { config, backupConfig, target, log, timer = systemTimer } = parts
  const { bucket = bucketOf(backupConfig) } = parts
  const retrying = withRetry(bucket, RETRY_MS, timer)
  const disk = createDisk({ target, config, bucket: retrying, trust: backupConfig })
  const shared = {
    timer,
    log,
    id: crypto.randomUUID(),
    trust: backupConfig,
    lastMigration: lastTag(readMigrations('sqlite')),
    migrated: config.migrate === 'check',
  }
  if (backupConfig.acceptUnauthenticated) log.warning(ACCEPTING)
  const { tagged, how, from } = await elected(
    { target, backupConfig },
    { ...shared, bucket: retrying, disk },
  )
  log.info(`the database is ${how}`, {
    epoch: tagged.manifest.epoch,
    ...(from && { backed_up_at: from.created_at }),
  })
  return {
    createWriter: (db, ended) => {
      const reserve = reserveBytes(target.path, config.storage)
      const writer = createBackupWriter({
        ...shared,
        bucket,
        db,
        tagged,
        packer: createPacker(target.path, backupConfig, { reserve }),
        clock: systemClock,
        unsaved: how !== 'restored',
        writeLineage: disk.writeLineage,
        ended,
      })
      return { ...writer, backups: async () => describeBackups(writer.state()) }
    },
  }
}

/** Throws Refusal. */
const elected = async (
  { target, backupConfig }: Pick<Parts, 'target' | 'backupConfig'>,
  candidate: Candidate,
): Promise<Election> => {
  try {
    await rm(snapshotFolderOf(target.path), { recursive: true, force: true })
    return await becomeLeader(candidate)
  } catch (error) {
    throw backupRefusal(error, backupConfig)
  }
}

/** What `/status` and the metrics show. */
const describeBackups = ({ last, ...state }: BackupWriterState): BackupStatus => ({
  ...state,
  last: last && {
    at: Date.parse(last.created_at),
    bytes: last.bytes,
    duration: last.duration,
    encrypted: last.encrypted,
  },
})

type Remedies = Readonly<Record<BucketFault, string>>
const remedies: Readonly<Record<BackupConfig['target']['kind'], Remedies>> = {
  s3: {
    forbidden:
      'correct BACKUP_ACCESS_KEY_ID and BACKUP_SECRET_ACCESS_KEY, or let them read, write, list and delete there',
    no_bucket: 'make it, or correct the name in BACKUP_URL',
    unavailable: 'let this machine connect to it, or correct BACKUP_ENDPOINT',
    conflict: 'start again',
    unexpected: 'correct BACKUP_URL, BACKUP_ENDPOINT and BACKUP_REGION, or put right what is there',
  },
  file: {
    forbidden: 'let the user of this process read and write there, or correct BACKUP_URL',
    no_bucket: 'make it, or correct BACKUP_URL',
    unavailable: 'see to its disk, or name another folder in BACKUP_URL',
    conflict: 'start again',
    unexpected: 'correct BACKUP_URL, or put right what is there',
  },
}

/** Turns what is for the operator into a Refusal. Returns other errors as they are. */
export const backupRefusal = (error: unknown, { target }: BackupConfig): unknown => {
  if (error instanceof BucketError)
    return new Refusal(
      `BACKUP_URL leads to backups that cannot be used, ${error.message}: ${remedies[target.kind][error.fault]}`,
    )
  if (error instanceof Fenced)
    return new Refusal(
      'BACKUP_URL: another process has taken the database over meanwhile, and makes the backups now',
    )
  return error instanceof BackupRefused || error instanceof Unauthenticated
    ? new Refusal(`BACKUP_URL: ${error.message}`)
    : error
}
