// The database file on this disk, as leader election and `npm run restore` need it.
import { existsSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { requireEncrypted, type Trust } from '../../../backup/authenticity.ts'
import { type Bucket, BucketError } from '../../../backup/bucket.ts'
import type { Claim, Disk } from '../../../backup/leader-election.ts'
import { readLineage, writeLineage } from '../../../backup/lineage.ts'
import type { Backup } from '../../../backup/manifest.ts'
import { BackupRefused } from '../../../backup/refused.ts'
import { systemTimer, type Timer } from '../../../backup/retry.ts'
import type { Config } from '../../../config.ts'
import type { Database } from '../../../db/database.ts'
import { openFile } from '../../../db/open/file.ts'
import { isStorageFull } from '../../../db/portable.ts'
import { refusalOf } from '../connection-errors.ts'
import { openDatabase } from '../database.ts'
import type { FileTarget } from '../database-target.ts'
import { freeBytes } from '../disk-space.ts'
import { Refusal } from '../refusal.ts'
import { download } from './download.ts'
import { runJob } from './thread.ts'

export const snapshotFolderOf = (path: string): string => `${path}.copy`
const restoreFolderOf = (path: string): string => `${path}.restore`

type Parts = {
  readonly target: FileTarget
  readonly config: Config
  readonly bucket: Bucket
  readonly trust: Trust
}

export const createDisk = ({ target, config, bucket, trust }: Parts): Disk => {
  const { path } = target
  const isThere = () => existsSync(path) && statSync(path).size > 0
  let made = false
  const look: Disk['look'] = async () => {
    if (!isThere()) return undefined
    try {
      return await withFile(path, async (db) => {
        const tags = await db.migrated()
        return {
          lineage: tags.length > 0 ? await readLineage(db) : undefined,
          migration: [...tags].sort().at(-1) ?? '',
        }
      })
    } catch (error) {
      throw refusalOf(target, error)
    }
  }
  return {
    look,
    begin: async (lineage) => {
      // The lineage is a row of the database.
      if (config.migrate === 'off' && !(await look())?.migration)
        throw new Refusal(
          'MIGRATE is off, and the database has no tables, which backups need: run npm run db:migrate, or set MIGRATE to auto',
        )
      made = !isThere()
      const { db } = await openDatabase(target, config)
      await writeLineage(db, lineage).finally(() => db.close())
    },
    retract: async () => {
      if (made) await removeFile(path)
    },
    writeLineage: (lineage) => withFile(path, (db) => writeLineage(db, lineage)),
    stage: async (backup, { lineage, whole }) => {
      const folder = restoreFolderOf(path)
      const discard = () => rm(folder, { recursive: true, force: true })
      await discard()
      await mkdir(folder, { recursive: true })
      try {
        const staged = join(folder, 'restored.db')
        await fetchBackup({ bucket, trust }, backup, staged)
        await claimRestored(staged, { lineage, whole }).catch((error: unknown) => {
          throw isStorageFull(error) ? noRoomFor(backup, folder) : error
        })
        return { install: () => replaceDatabase(staged, path).finally(discard), discard }
      } catch (error) {
        await discard()
        throw error
      }
    },
  }
}

const withFile = async <T>(path: string, use: (db: Database) => Promise<T>): Promise<T> => {
  const db = openFile(path)
  return use(db).finally(() => db.close())
}

/**
 * Writes into a restored database whose it is now. It does so in a thread, because only the end of a
 * thread closes the file for certain: a connection with compiled statements stays open. SQLite would
 * share its `-wal` and `-shm` files with a connection that this process opens later.
 */
export const claimRestored = async (path: string, claim: Claim): Promise<void> => {
  if (!(await runJob('claimRestored', { path, ...claim })))
    throw new BackupRefused(
      'the backup is of another database than manifest.json says: restore an older one',
    )
}

/** `progress` is called with the number of bytes that have arrived. */
type Source = {
  readonly bucket: Bucket
  readonly trust: Trust
  readonly timer?: Timer
  readonly progress?: (bytes: number) => void
}

/** Downloads a backup and unpacks the database in it to `target`. Leaves nothing there on failure. */
export const fetchBackup = async (
  { bucket, trust, timer = systemTimer, progress = () => {} }: Source,
  backup: Backup,
  target: string,
): Promise<void> => {
  requireEncrypted(backup, trust)
  const secret = backup.encrypted ? trust.encryptionKey : undefined
  if (backup.encrypted && secret === undefined)
    throw new BackupRefused(
      'the backup is encrypted: set BACKUP_ENCRYPTION_KEY to the key that it was encrypted with',
    )
  const [path, folder] = [`${target}.download`, dirname(target)]
  if (freeBytes(folder) < neededFor(backup)) throw noRoomFor(backup, folder)
  try {
    await download({ bucket, timer, progress }, backup, path)
    await runJob('unpack', { path, target, secret })
  } catch (error) {
    await removeFile(target)
    if (error instanceof BucketError || error instanceof BackupRefused) throw error
    if (isStorageFull(error)) throw noRoomFor(backup, folder)
    throw new BackupRefused(
      `the backup of ${backup.created_at} cannot be restored (${(error as Error).message})`,
    )
  } finally {
    await rm(path, { force: true })
  }
}

/** Bytes on the disk: the download, and the database in it. */
const neededFor = ({ bytes, database_bytes }: Backup): number => bytes + database_bytes

const noRoomFor = (backup: Backup, folder: string): BackupRefused => {
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20)
  return new BackupRefused(
    `the disk of ${folder} is full: to restore the backup of ${backup.created_at} takes ${mib(neededFor(backup))} MiB there, and ${mib(freeBytes(folder))} MiB are free: make room on that disk, or name a place on another one`,
  )
}

/**
 * Moves a restored file to the path of the database, and the file that was there aside. After each
 * step one of the two is a whole database. Returns the path of the file that was moved aside.
 */
export const replaceDatabase = async (
  restored: string,
  path: string,
): Promise<string | undefined> => {
  const aside =
    existsSync(path) && statSync(path).size > 0
      ? `${path}.aside-${new Date().toISOString().replaceAll(':', '')}`
      : undefined
  if (aside !== undefined) await rename(path, aside)
  // SQLite would take these for files of the restored database. The older database does not need
  // them: everything was brought into its file when it was last closed.
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true })
  await rename(restored, path)
  await flush(dirname(path))
  return aside
}

const removeFile = async (path: string): Promise<void> => {
  for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true })
}

/** Without this a power cut may undo the renaming. */
const flush = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
