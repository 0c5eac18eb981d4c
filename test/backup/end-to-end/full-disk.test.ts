// A backup that comes back onto a disk without room: it is the disk that is full, not the backup that
// is damaged.
import { randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readManifest } from '../../../src/backup/manifest.ts'
import { parseConfig } from '../../../src/config.ts'
import { bucketOf } from '../../../src/runtimes/node/backup/backups.ts'
import { fetchBackup } from '../../../src/runtimes/node/backup/disk.ts'
import { clientsOf } from '../../support/client.ts'
import { run, runTaskport, startTaskport, temporaryFolder } from '../../support/process.ts'
import { NO_SMALL_DISK, smallDisk } from '../../support/small-disk.ts'

/** Backups of a database of two megabytes that no compression makes smaller. */
const copied = async (): Promise<Record<string, string>> => {
  const env = { BACKUP_URL: `file:${temporaryFolder()}/backups`, RATE_LIMIT: 'off' }
  const service = await startTaskport({ ...env, DATA_DIR: temporaryFolder() })
  const ann = await clientsOf((path, init) => fetch(`${service.url}${path}`, init)).register('ann')
  for (let i = 0; i < 150; i++)
    await ann.post('/api/v1/tasks', {
      title: `${i}`,
      description: randomBytes(6_000).toString('base64'),
    })
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  return env
}
const FULL =
  /^taskport: (BACKUP_URL: )?the disk of [^\n]+ is full: to restore the backup of \S+Z takes \d MiB there, and [01] MiB are free: make room on that disk, or name a place on another one\n$/

test('the service, the command, and what is downloading when the room runs out say how much is needed, and where', async () => {
  const env = await copied()
  const disk = smallDisk(1)
  if (!disk) return console.log(NO_SMALL_DISK)
  const service = runTaskport({ ...env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: disk.path })
  expect(await service.exit).toBe(1)
  expect(service.err()).toMatch(FULL)
  const target = join(disk.path, 'then.db')
  const command = run(process.execPath, ['scripts/restore.ts', '--to', target], {
    ...env,
    DATA_DIR: temporaryFolder(),
  })
  expect(await command.exit).toBe(1)
  expect(command.err()).toMatch(FULL)

  disk.grow(16)
  const { backup: backupConfig } = parseConfig(env)
  if (!backupConfig) throw new Error('there are backups')
  const bucket = bucketOf(backupConfig)
  let downloads = 0
  const counting = {
    ...bucket,
    download: (key: string) => {
      downloads++
      return bucket.download(key)
    },
  }
  const [backup] = (await readManifest({ bucket, trust: backupConfig }))?.manifest.copies ?? []
  if (!backup) throw new Error('there is a backup')
  const ballast = join(disk.path, 'ballast')
  /** Another program takes all there is while the backup comes. */
  const progress = () => {
    try {
      for (;;) appendFileSync(ballast, Buffer.alloc(4_096))
    } catch {} // until it is full
  }
  const said = await fetchBackup(
    { bucket: counting, trust: backupConfig, progress },
    backup,
    target,
  ).catch((error: Error) => `taskport: ${error.message}\n`)
  expect(said).toMatch(FULL)
  expect(downloads, 'it is not tried again').toBe(1)
  expect(readdirSync(disk.path)).toEqual(['ballast'])

  rmSync(ballast)
  const again = await startTaskport({ ...env, DATA_DIR: disk.path })
  again.child.kill('SIGTERM')
  expect(await again.exit).toBe(0)
})
