// Brings a backup back: npm run restore. Configured as the service is.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Backup, newest, readManifest, type TaggedManifest } from '../src/backup/manifest.ts'
import { BackupRefused } from '../src/backup/refused.ts'
import { withRetry } from '../src/backup/retry.ts'
import { isInUse } from '../src/db/open/file/in-use.ts'
import { claimRestored, fetchBackup, replaceDatabase } from '../src/runtimes/node/backup/disk.ts'
import { UsageError } from '../src/runtimes/node/command-line.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'
import { downloading, runOnBackups, type Setting } from './support/backup.ts'
import { AS_CONFIGURED, DRY_RUN } from './support/service.ts'
import { answerTo } from './support/terminal.ts'

const program = {
  name: 'npm run restore',
  forms: ['--list', '[--at TIME] --to FILE', '[--at TIME] [--force] [--yes]'],
  about: `Brings a backup back: to a file, or as the database of the service, which has to be stopped. What was there is kept beside it. ${AS_CONFIGURED}`,
  options: {
    list: { doc: 'lists the backups' },
    at: {
      value: 'TIME',
      doc: 'the newest backup that was made until then, such as 2026-11-23T12:00Z; without it the newest of all',
    },
    to: { value: 'FILE', doc: 'restores to this file, which must not exist' },
    force: { doc: 'restores although the service may be running: for one that was killed' },
    yes: { doc: 'does not ask' },
    'dry-run': DRY_RUN,
  },
  examples: [
    ['--list', 'lists the backups'],
    ['--at 2026-11-23T12:00Z --to then.db', 'looks at an earlier state'],
    ['--at 2026-11-23T12:00Z', 'makes it the database of the service'],
    ['--yes', 'makes the newest backup the database of the service, and does not ask'],
  ],
} as const

/** The newest backup, or the newest that was made until then. */
const choose = (
  { manifest: { copies: backups } }: TaggedManifest,
  at: string | undefined,
): Backup => {
  const until = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)
  if (Number.isNaN(until)) throw new UsageError('--at needs a time such as 2026-11-23T12:00Z')
  const backup = backups.findLast(({ created_at }) => Date.parse(created_at) <= until)
  if (backup) return backup
  throw new BackupRefused(
    backups.length === 0
      ? 'there are no backups yet'
      : `there is no backup from before then: the oldest is of ${backups[0]?.created_at}`,
  )
}

const showList = ({ done, size }: Setting, { manifest }: TaggedManifest): void => {
  for (const { created_at, bytes, database_bytes, encrypted, key } of manifest.copies)
    done(
      `${created_at}  ${size(bytes).padStart(9)} (database ${size(database_bytes)})${encrypted ? '  encrypted' : ''}  ${key}`,
    )
}

const refuseExisting = (path: string): void => {
  if (existsSync(path)) throw new BackupRefused(`${path} exists already: name another file`)
}

const aside = (to: string | undefined, path: string): string =>
  to === undefined && existsSync(path) ? ', and keep what is there beside it' : ''

const toFile = async (setting: Setting, backup: Backup, path: string): Promise<void> => {
  const part = `${path}.part`
  await rm(part, { force: true })
  const progress = downloading(setting, backup)
  await fetchBackup({ bucket: setting.bucket, trust: setting.backupConfig, progress }, backup, part)
  await rename(part, path)
  setting.done(`restored ${backup.created_at} to ${path}`)
}

const refuseRunning = ({ manifest }: TaggedManifest, force: boolean): void => {
  if (!manifest.released && !force)
    throw new BackupRefused(
      'the service may be running on this database: stop it first, or say --force if it was killed',
    )
}

/** A process goes on with the file that it has open, also when that is moved: its writes were lost. */
const refuseInUse = (path: string): void => {
  if (existsSync(path) && isInUse(path))
    throw new Refusal(
      `another process has ${path} open: stop the service first, or restore to another file by --to`,
    )
}

/** Asks at a terminal. Elsewhere an option has to say it. */
const agreed = async (question: string): Promise<boolean> => {
  const answer = await answerTo(`${question} [y/N]`)
  if (answer === undefined)
    throw new UsageError('say which backup by --at, or --yes to take the newest one')
  return /^y(es)?$/i.test(answer)
}

/** Makes the backup the database of the service, which goes on from there when it starts. */
const inPlace = async (
  setting: Setting,
  { manifest }: TaggedManifest,
  backup: Backup,
): Promise<void> => {
  const { target, backupConfig, bucket, done } = setting
  const part = `${target.path}.restoring`
  await rm(part, { force: true })
  await fetchBackup(
    { bucket, trust: backupConfig, progress: downloading(setting, backup) },
    backup,
    part,
  )
  await claimRestored(part, {
    lineage: { id: manifest.lineage, epoch: manifest.epoch },
    whole: manifest.released && backup === newest(manifest),
  })
  // Again: the download took its time.
  refuseInUse(target.path)
  const aside = await replaceDatabase(part, target.path)
  done(
    `restored ${backup.created_at} to ${target.path}${aside === undefined ? '' : `; what was there is ${aside}`}`,
  )
}

await runOnBackups(program, async (setting, { options }) => {
  const { list, at, to, force, yes, 'dry-run': dry } = options
  if (list && (at ?? to) !== undefined) throw new UsageError('--list takes no other option')
  const bucket = withRetry(setting.bucket, 10_000)
  const tagged = await readManifest({ bucket, trust: setting.backupConfig })
  if (tagged === undefined) throw new BackupRefused('there are no backups yet')
  if (list) return showList(setting, tagged)
  const backup = choose(tagged, at)
  const path = to === undefined ? setting.target.path : resolve(to)
  if (to === undefined) refuseRunning(tagged, force)
  else refuseExisting(path)
  const about = `the backup of ${backup.created_at} (${setting.size(backup.database_bytes)}) to ${path}`
  if (dry) return setting.done(`would restore ${about}${aside(to, path)}`)
  if (to !== undefined) return toFile({ ...setting, bucket }, backup, path)
  refuseInUse(path)
  const chosen = yes || force || at !== undefined
  if (!chosen && !(await agreed(`Restore ${about}${aside(to, path)}?`)))
    throw new BackupRefused('nothing was restored')
  await inPlace({ ...setting, bucket }, tagged, backup)
})
