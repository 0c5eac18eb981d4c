// Proves that the newest backup can be restored: npm run backup:verify. Downloads it, decrypts it,
// checks every page, counts the rows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newest, readManifest } from '../src/backup/manifest.ts'
import { BackupRefused } from '../src/backup/refused.ts'
import { withRetry } from '../src/backup/retry.ts'
import { fetchBackup } from '../src/runtimes/node/backup/disk.ts'
import { runJob } from '../src/runtimes/node/backup/thread.ts'
import { downloading, runOnBackups } from './support/backup.ts'
import { AS_CONFIGURED } from './support/service.ts'

const program = {
  name: 'npm run backup:verify',
  forms: [''],
  about: `Proves that the newest backup can be restored: downloads and decrypts it, checks every page, counts the rows. It changes nothing. ${AS_CONFIGURED}`,
  options: {},
  examples: [['', 'verifies the newest backup']],
} as const

await runOnBackups(program, async (setting) => {
  const bucket = withRetry(setting.bucket, 10_000)
  const source = { bucket, trust: setting.backupConfig }
  const tagged = await readManifest(source)
  const backup = tagged && newest(tagged.manifest)
  if (backup === undefined) throw new BackupRefused('there are no backups yet')
  const folder = await mkdtemp(join(tmpdir(), 'taskport-verify-'))
  try {
    const database = join(folder, 'copy.db')
    await fetchBackup({ ...source, progress: downloading(setting, backup) }, backup, database)
    setting.say('counting')
    for (const [table, rows] of await runJob('count', { database }))
      setting.done(`${String(rows).padStart(12)}  ${table}`)
    setting.done(
      `the backup of ${backup.created_at} is whole: SHA-256 ${backup.sha256}, ${setting.size(backup.database_bytes)}, integrity_check ok`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
