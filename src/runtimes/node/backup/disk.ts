// The database file on this disk, as the succession needs it.
import { existsSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { requireEncrypted, type Trust } from '../../../backup/authenticity.ts'
import { type Bucket, BucketError } from '../../../backup/bucket.ts'
import { type Disk, SuccessionRefused } from '../../../backup/leader-election.ts'
import { type Stamp, setStamp, stampOf } from '../../../backup/lineage.ts'
import type { Copy } from '../../../backup/manifest.ts'
import { systemTimer, type Timer } from '../../../backup/retry.ts'
import type { Config } from '../../../config.ts'
import type { Database } from '../../../db/database.ts'
import { openFile } from '../../../db/open/file.ts'
import { isStorageFull } from '../../../db/portable.ts'
import { refusalOf } from '../connection-errors.ts'
import { openDatabase } from '../database.ts'
import type { FilePlace } from '../database-target.ts'
import { freeOf } from '../room.ts'
import { download } from './download.ts'
import { inThread } from './thread.ts'

export const copyFolderOf = (path: string): string => `${path}.copy`
const restoreFolderOf = (path: string): string => `${path}.restore`

type Parts = {
  readonly place: FilePlace
  readonly config: Config
  readonly bucket: Bucket
  readonly trust: Trust
}

export const createDisk = ({ place, config, bucket, trust }: Parts): Disk => {
  const { path } = place
  const isThere = () => existsSync(path) && statSync(path).size > 0
  let made = false
  return {
    look: async () => {
      if (!isThere()) return undefined
      try {
        return await withFile(path, async (db) => ({
          stamp: (await db.migrated()).length > 0 ? await stampOf(db) : undefined,
        }))
      } catch (error) {
        throw refusalOf(place, error)
      }
    },
    begin: async (stamp) => {
      made = !isThere()
      const { db } = await openDatabase(place, {
        ...config,
        migrate: made || config.migrate !== 'off' ? config.migrate : 'check',
      })
      await setStamp(db, stamp).finally(() => db.close())
    },
    retract: async () => {
      if (made) await removeFile(path)
    },
    stamp: (stamp) => withFile(path, (db) => setStamp(db, stamp)),
    stage: async (copy, stamp) => {
      const folder = restoreFolderOf(path)
      const discard = () => rm(folder, { recursive: true, force: true })
      await discard()
      await mkdir(folder, { recursive: true })
      try {
        const staged = join(folder, 'restored.db')
        await fetchCopy({ bucket, trust }, copy, staged)
        await adopt(staged, stamp).catch((error: unknown) => {
          throw isStorageFull(error) ? noRoomFor(copy, folder) : error
        })
        return { place: () => putInPlace(staged, path).finally(discard), discard }
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
 * In a thread, whose end really closes the file: a connection whose statements are kept lives on,
 * and a connection that opened the file under its final name in this process would share the files
 * beside it that go with the folder.
 */
export const adopt = async (path: string, stamp: Stamp): Promise<void> => {
  if (!(await inThread('adopt', { path, stamp })))
    throw new SuccessionRefused(
      'the copy is of another database than manifest.json says: restore an older one',
    )
}

/** `progress` is told how many bytes have come. */
type Source = {
  readonly bucket: Bucket
  readonly trust: Trust
  readonly timer?: Timer
  readonly progress?: (bytes: number) => void
}

/** The database in a copy, at `target`. Nothing is left of it on failure. */
export const fetchCopy = async (
  { bucket, trust, timer = systemTimer, progress = () => {} }: Source,
  copy: Copy,
  target: string,
): Promise<void> => {
  requireEncrypted(copy, trust)
  const secret = copy.encrypted ? trust.encryptionKey : undefined
  if (copy.encrypted && secret === undefined)
    throw new SuccessionRefused(
      'the copy is encrypted: set BACKUP_ENCRYPTION_KEY to the key that it was encrypted with',
    )
  const [path, folder] = [`${target}.download`, dirname(target)]
  if (freeOf(folder) < neededFor(copy)) throw noRoomFor(copy, folder)
  try {
    await download({ bucket, timer, progress }, copy, path)
    await inThread('unpack', { path, target, secret })
  } catch (error) {
    await removeFile(target)
    if (error instanceof BucketError || error instanceof SuccessionRefused) throw error
    if (isStorageFull(error)) throw noRoomFor(copy, folder)
    throw new SuccessionRefused(
      `the copy of ${copy.created_at} cannot be restored (${(error as Error).message})`,
    )
  } finally {
    await rm(path, { force: true })
  }
}

/** Bytes on the disk: what comes, and the database in it. */
const neededFor = ({ bytes, database_bytes }: Copy): number => bytes + database_bytes

const noRoomFor = (copy: Copy, folder: string): SuccessionRefused => {
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20)
  return new SuccessionRefused(
    `the disk of ${folder} is full: to restore the copy of ${copy.created_at} takes ${mib(neededFor(copy))} MiB there, and ${mib(freeOf(folder))} MiB are free: make room on that disk, or name a place on another one`,
  )
}

/**
 * Puts a restored file in the place of the database; what was there stays beside it. Each step
 * leaves the one or the other.
 */
export const putInPlace = async (restored: string, path: string): Promise<string | undefined> => {
  const aside =
    existsSync(path) && statSync(path).size > 0
      ? `${path}.aside-${new Date().toISOString().replaceAll(':', '')}`
      : undefined
  if (aside !== undefined) await rename(path, aside)
  // Beside another file these would be taken for its own; the one before was folded up when it was
  // last looked at.
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true })
  await rename(restored, path)
  await flush(dirname(path))
  return aside
}

const removeFile = async (path: string): Promise<void> => {
  for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true })
}

/** Without it a power cut may undo the renaming. */
const flush = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
