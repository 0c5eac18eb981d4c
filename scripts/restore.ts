// Brings a backup back: npm run restore -- --list | [--at 2026-11-23T12:00Z] [--to file.db]
// [--force]. Configured as the service is.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Backup, readManifest, type TaggedManifest } from '../src/backup/manifest.ts'
import { BackupRefused } from '../src/backup/refused.ts'
import { withRetry } from '../src/backup/retry.ts'
import { openFile } from '../src/db/open/file.ts'
import { claimRestored, fetchBackup, replaceDatabase } from '../src/runtimes/node/backup/disk.ts'
import { attempt, downloading, type Setting, Usage } from './support/backup.ts'

const USAGE = 'usage: npm run restore -- --list | [--at 2026-11-23T12:00Z] [--to FILE] [--force]'

const parse = () => {
  try {
    const options = {
      list: { type: 'boolean' },
      at: { type: 'string' },
      to: { type: 'string' },
      force: { type: 'boolean' },
    } as const
    return parseArgs({ options }).values
  } catch {
    throw new Usage(USAGE)
  }
}

/** The newest backup, or the newest that was made until then. */
const choose = (
  { manifest: { copies: backups } }: TaggedManifest,
  at: string | undefined,
): Backup => {
  const until = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)
  if (Number.isNaN(until)) throw new Usage(`--at needs a time such as 2026-11-23T12:00Z\n${USAGE}`)
  const backup = backups.findLast(({ created_at }) => Date.parse(created_at) <= until)
  if (backup) return backup
  throw new BackupRefused(
    backups.length === 0
      ? 'there are no backups yet'
      : `there is no backup from before then: the oldest is of ${backups[0]?.created_at}`,
  )
}

const toFile = async (setting: Setting, backup: Backup, path: string): Promise<void> => {
  if (existsSync(path)) throw new BackupRefused(`${path} exists already: name another file`)
  const part = `${path}.part`
  await rm(part, { force: true })
  const progress = downloading(setting, backup)
  await fetchBackup({ bucket: setting.bucket, trust: setting.backupConfig, progress }, backup, part)
  await rename(part, path)
  setting.done(`restored ${backup.created_at} to ${path}`)
}

/** Makes the backup the database of the service, which goes on from there when it starts. */
const inPlace = async (
  setting: Setting,
  { manifest }: TaggedManifest,
  { backup, force }: { backup: Backup; force: boolean },
): Promise<void> => {
  const { target, backupConfig, bucket, done } = setting
  if (!manifest.released && !force)
    throw new BackupRefused(
      'the service may be running on this database: stop it first, or say --force if it was killed',
    )
  const part = `${target.path}.restoring`
  await rm(part, { force: true })
  await fetchBackup(
    { bucket, trust: backupConfig, progress: downloading(setting, backup) },
    backup,
    part,
  )
  await claimRestored(part, { id: manifest.lineage, epoch: manifest.epoch })
  // folds its log into the one file that is put aside
  if (existsSync(target.path)) await openFile(target.path).close()
  const aside = await replaceDatabase(part, target.path)
  done(
    `restored ${backup.created_at} to ${target.path}${aside === undefined ? '' : `; what was there is ${aside}`}`,
  )
}

await attempt(async (setting) => {
  const { list, at, to, force = false } = parse()
  const bucket = withRetry(setting.bucket, 10_000)
  const tagged = await readManifest({ bucket, trust: setting.backupConfig })
  if (tagged === undefined) throw new BackupRefused('there are no backups yet')
  if (list) {
    for (const { created_at, bytes, database_bytes, encrypted, key } of tagged.manifest.copies)
      setting.done(
        `${created_at}  ${setting.size(bytes).padStart(9)} (database ${setting.size(database_bytes)})${encrypted ? '  encrypted' : ''}  ${key}`,
      )
    return
  }
  const backup = choose(tagged, at)
  if (to !== undefined) await toFile({ ...setting, bucket }, backup, resolve(to))
  else await inPlace({ ...setting, bucket }, tagged, { backup, force })
})
