// Downloads a backup into a file. When the connection ends, the download goes on from there.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { type Bucket, BucketError } from '../../../backup/bucket.ts'
import type { Backup } from '../../../backup/manifest.ts'
import { BackupRefused } from '../../../backup/refused.ts'
import { backoff, isUnavailable, type Timer } from '../../../backup/retry.ts'

/** How often a backup is downloaded whose SHA-256 is wrong. */
const DAMAGED = 3
/** After so many connections in a row that bring no new byte, the download has failed. */
const FRUITLESS = 6

export type Source = {
  readonly bucket: Bucket
  readonly timer: Timer
  readonly progress: (bytes: number) => void
}

/**
 * Downloads the backup to `path`. Throws BucketError if the bucket fails, and BackupRefused if the
 * backup is damaged.
 */
export const download = async (source: Source, backup: Backup, path: string): Promise<void> => {
  for (let tries = 1; ; tries++) {
    const { bytes, sha256 } = await receive(source, backup, path)
    if (sha256 === backup.sha256) return
    if (tries < DAMAGED) continue
    throw new BackupRefused(
      `the backup of ${backup.created_at} is damaged in the bucket, or on its way from there (${bytes} bytes of ${backup.bytes} came, with another SHA-256): restore an older one (npm run restore -- --list)`,
    )
  }
}

/** Writes what the bucket has under the key, and stops when it is longer than the backup. */
const receive = async (
  { bucket, timer, progress }: Source,
  backup: Backup,
  path: string,
): Promise<{ bytes: number; sha256: string }> => {
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  let bytes = 0
  const take = async (piece: Uint8Array): Promise<void> => {
    for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten
    hash.update(piece)
    bytes += piece.length
    progress(bytes)
  }
  try {
    for (let fruitless = 1, before = 0; bytes < backup.bytes; before = bytes)
      try {
        for await (const piece of await bucket.download(backup.key, bytes)) {
          await take(piece)
          if (bytes > backup.bytes) break
        }
        break
      } catch (error) {
        fruitless = bytes > before ? 1 : fruitless + 1
        if (!isUnavailable(error)) throw error
        if (fruitless > FRUITLESS) throw endedEarly(backup, bytes, error as BucketError)
        await timer.sleep(backoff(fruitless))
      }
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

const endedEarly = (
  { created_at, bytes }: Backup,
  came: number,
  { message }: BucketError,
): BucketError =>
  new BucketError(
    'unavailable',
    `the download of the backup of ${created_at} ended after ${came} of ${bytes} bytes, and ${FRUITLESS} more connections brought nothing: ${message}`,
  )
