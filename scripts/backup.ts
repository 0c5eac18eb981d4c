// Makes a backup of the database now, whether or not the service runs on it: npm run backup.
// Configured as the service is.
import { statSync } from 'node:fs'
import { type Manifest, newest, readManifest, swapManifest } from '../src/backup/manifest.ts'
import { createManifestCas } from '../src/backup/manifest-cas.ts'
import { BackupRefused } from '../src/backup/refused.ts'
import { decide } from '../src/backup/restore-decision.ts'
import { systemTimer, withRetry } from '../src/backup/retry.ts'
import { createSnapshotUploader } from '../src/backup/snapshot-upload.ts'
import { systemClock } from '../src/core/clock.ts'
import { silent } from '../src/core/log.ts'
import { createPacker } from '../src/runtimes/node/backup/backups.ts'
import { createDisk } from '../src/runtimes/node/backup/disk.ts'
import { reserveBytes } from '../src/runtimes/node/disk-space.ts'
import { runOnBackups, type Setting } from './support/backup.ts'
import { AS_CONFIGURED, DRY_RUN } from './support/service.ts'

const program = {
  name: 'npm run backup',
  forms: ['[--dry-run]'],
  about: `Makes a backup of the database now, whether or not the service runs on it. ${AS_CONFIGURED}`,
  options: { 'dry-run': DRY_RUN },
  examples: [
    ['', 'makes a backup, and prints its size and its name'],
    ['--dry-run', 'checks that one could be made'],
  ],
} as const

/** The database that is here, and the manifest of its backups, if there are any. */
const findManifest = async ({ config, target, backupConfig, bucket }: Setting) => {
  const source = { bucket, trust: backupConfig }
  const disk = createDisk({ target, config, ...source })
  const [local, tagged] = [await disk.look(), await readManifest(source)]
  if (local === undefined)
    throw new BackupRefused(`there is no database to back up at ${target.path}`)
  const decision = decide(local, tagged?.manifest, await bucket.list())
  if (decision.kind === 'refuse') throw new BackupRefused(`${decision.reason}: ${decision.remedy}`)
  if (decision.kind === 'restore')
    throw new BackupRefused(
      'the backups are newer than the database here: restore one, or start the service',
    )
  return { local, tagged, disk, source }
}
type Found = Awaited<ReturnType<typeof findManifest>>

/** A first manifest where there are no backups yet. */
const manifestFor = async ({ local, tagged, disk, source }: Found) => {
  if (tagged !== undefined) return tagged
  const lineage = {
    id: local.lineage?.id ?? crypto.randomUUID(),
    epoch: (local.lineage?.epoch ?? 0) + 1,
  }
  await disk.begin(lineage)
  const first: Omit<Manifest, 'revision'> = {
    format: 1,
    lineage: lineage.id,
    epoch: lineage.epoch,
    writer: 'npm run backup',
    released: true,
    claim: null,
    copies: [],
  }
  return swapManifest(source, first, undefined)
}

const sayWhatWouldBeDone = (
  { backupConfig, target, done, size }: Setting,
  { tagged }: Found,
): void => {
  const last = tagged && newest(tagged.manifest)
  const before = last === undefined ? 'there is none yet' : `the newest is of ${last.created_at}`
  done(
    `would back up: ${target.path} (${size(statSync(target.path).size)}), ${backupConfig.encryptionKey === undefined ? 'not encrypted' : 'encrypted'}; ${before}`,
  )
}

await runOnBackups(program, async (setting, { options }) => {
  const bucket = withRetry(setting.bucket, 10_000)
  const found = await findManifest({ ...setting, bucket })
  if (options['dry-run']) return sayWhatWouldBeDone(setting, found)
  const tagged = await manifestFor(found)
  const parts = { timer: systemTimer, clock: systemClock, log: silent }
  // The service may be changing the manifest at the same time, as the same writer.
  const manifestCas = createManifestCas({
    ...parts,
    bucket,
    trust: setting.backupConfig,
    tagged,
    id: tagged.manifest.writer,
  })
  const { path } = setting.target
  const packer = createPacker(path, setting.backupConfig, {
    reserve: reserveBytes(path, setting.config.storage),
    folder: `${path}.copy-by-hand`,
  })
  const uploader = createSnapshotUploader({ ...parts, bucket, manifestCas, packer, unsaved: true })
  setting.say('backing up')
  const { key, bytes, encrypted } = await uploader.backUp({ release: false })
  setting.done(`backed up: ${setting.size(bytes)}${encrypted ? ', encrypted' : ''}, ${key}`)
})
