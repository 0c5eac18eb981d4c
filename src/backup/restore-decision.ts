// What a process that starts does with the database file on its disk and the backups in the bucket.
// An empty database must never replace a good backup.
import type { Lineage } from './lineage.ts'
import {
  BACKUPS_PREFIX,
  type Backup,
  type BackupNumber,
  type Manifest,
  newest,
  numberOf,
} from './manifest.ts'

/** The database file on this disk. Without a lineage it has never been backed up. */
export type Local = { readonly lineage: Lineage | undefined }

export type Decision =
  /** There is no backup: the database begins with the file on this disk, or with a new one. */
  | { readonly kind: 'begin' }
  /** The file on this disk is at least as new as every backup. */
  | { readonly kind: 'keep' }
  /**
   * `aside`: an older file is on this disk, and is moved aside. Without a backup (the writer before
   * ended before it made its first one) the file on this disk goes on.
   */
  | { readonly kind: 'restore'; readonly backup: Backup | undefined; readonly aside: boolean }
  | { readonly kind: 'refuse'; readonly reason: string; readonly remedy: string }

export const decide = (
  local: Local | undefined,
  manifest: Manifest | undefined,
  keys: readonly string[],
): Decision => {
  if (manifest === undefined) return withoutManifest(keys)
  if (local !== undefined && local.lineage?.id !== manifest.lineage) return foreign(local)
  const numbers = keys.map(numberOf).filter((number) => number !== undefined)
  if (local?.lineage !== undefined && local.lineage.epoch >= manifest.epoch) {
    const { epoch } = local.lineage
    return numbers.some((number) => number.epoch > epoch) ? outdated : { kind: 'keep' }
  }
  return isOutdated(manifest, numbers)
    ? outdated
    : { kind: 'restore', backup: newest(manifest), aside: local !== undefined }
}

const outdated: Decision = {
  kind: 'refuse',
  reason: 'manifest.json is older than the backups beside it',
  remedy: 'put the newest manifest.json back, or move the newer backups out of the prefix',
}

const withoutManifest = (keys: readonly string[]): Decision => {
  if (keys.length === 0) return { kind: 'begin' }
  const [reason, remedy] = keys.some((key) => key.startsWith(BACKUPS_PREFIX))
    ? [
        'there are backups, but no manifest.json that says which is good',
        'restore one of them by hand',
      ]
    : ['something else is kept there', 'name an empty prefix']
  return { kind: 'refuse', reason, remedy: `${remedy}, or name another prefix in BACKUP_URL` }
}

const foreign = ({ lineage }: Local): Decision => ({
  kind: 'refuse',
  reason: lineage
    ? 'the backups there are of another database than the one on this disk'
    : 'there are backups of a database already, and the one on this disk has never been backed up',
  remedy:
    'name another prefix in BACKUP_URL, or move the file on this disk away to have the backup restored',
})

/**
 * Whether the prefix holds backups that this manifest cannot know. A writer that is killed between
 * an upload and the update of the manifest leaves one backup with the next number behind. A backup
 * with a later number shows that an older manifest has been put back.
 */
const isOutdated = (manifest: Manifest, numbers: readonly BackupNumber[]): boolean => {
  const next = (newest(manifest)?.sequence ?? 0) + 1
  return numbers.some(({ epoch, sequence }) => epoch > manifest.epoch || sequence > next)
}
