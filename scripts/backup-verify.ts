// Proves that the newest copy can be restored: npm run backup:verify. Downloads it, decrypts it,
// checks every page, counts the rows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SuccessionRefused } from '../src/backup/leader-election.ts'
import { newest, readManifest } from '../src/backup/manifest.ts'
import { persistent } from '../src/backup/retry.ts'
import { fetchCopy } from '../src/runtimes/node/backup/disk.ts'
import { inThread } from '../src/runtimes/node/backup/thread.ts'
import { attempt, downloading } from './support/backup.ts'

await attempt(async (setting) => {
  const bucket = persistent(setting.bucket, 10_000)
  const source = { bucket, trust: setting.backup }
  const held = await readManifest(source)
  const copy = held && newest(held.manifest)
  if (copy === undefined) throw new SuccessionRefused('there are no copies yet')
  const folder = await mkdtemp(join(tmpdir(), 'taskport-verify-'))
  try {
    const database = join(folder, 'copy.db')
    await fetchCopy({ ...source, progress: downloading(setting, copy) }, copy, database)
    setting.say('counting')
    for (const [table, rows] of await inThread('count', { database }))
      setting.done(`${String(rows).padStart(12)}  ${table}`)
    setting.done(
      `the copy of ${copy.created_at} is whole: SHA-256 ${copy.sha256}, ${setting.size(copy.database_bytes)}, integrity_check ok`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
