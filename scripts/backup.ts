// Makes a copy of the database now, whether or not the service runs on it: npm run backup.
// Configured as the service is.

import { SuccessionRefused } from '../src/backup/leader-election.ts'
import { type Manifest, newest, readManifest, swapManifest } from '../src/backup/manifest.ts'
import { createHold } from '../src/backup/manifest-cas.ts'
import { decide } from '../src/backup/restore-decision.ts'
import { persistent, systemTimer } from '../src/backup/retry.ts'
import { createCopying } from '../src/backup/snapshot-upload.ts'
import { systemClock } from '../src/core/clock.ts'
import { silent } from '../src/core/log.ts'
import { createPacker } from '../src/runtimes/node/backup/copies.ts'
import { createDisk } from '../src/runtimes/node/backup/disk.ts'
import { reserveOf } from '../src/runtimes/node/room.ts'
import { attempt, type Setting } from './support/backup.ts'

/** The manifest of the database that is here; a first one where there are no copies yet. */
const manifestFor = async ({ config, place, backup, bucket }: Setting) => {
  const source = { bucket, trust: backup }
  const disk = createDisk({ place, config, ...source })
  const [local, held] = [await disk.look(), await readManifest(source)]
  if (local === undefined)
    throw new SuccessionRefused(`there is no database to copy at ${place.path}`)
  const decision = decide(local, held?.manifest, await bucket.list())
  if (decision.kind === 'refuse')
    throw new SuccessionRefused(`${decision.reason}: ${decision.remedy}`)
  if (decision.kind === 'restore')
    throw new SuccessionRefused(
      'the copies are newer than the database here: restore one, or start the service',
    )
  if (held !== undefined) return held
  const stamp = {
    lineage: local.stamp?.lineage ?? crypto.randomUUID(),
    epoch: (local.stamp?.epoch ?? 0) + 1,
  }
  await disk.begin(stamp)
  const first: Omit<Manifest, 'revision'> = {
    format: 1,
    ...stamp,
    writer: 'npm run backup',
    released: true,
    claim: null,
    copies: [],
  }
  return swapManifest(source, first, undefined)
}

await attempt(async (setting) => {
  const bucket = persistent(setting.bucket, 10_000)
  const held = await manifestFor({ ...setting, bucket })
  const parts = { timer: systemTimer, clock: systemClock, log: silent }
  // The service may be changing the manifest at the same time, as the same writer.
  const hold = createHold({
    ...parts,
    bucket,
    trust: setting.backup,
    held,
    id: held.manifest.writer,
  })
  const { path } = setting.place
  const packer = createPacker(path, setting.backup, {
    reserve: reserveOf(path, setting.config.storage),
    folder: `${path}.copy-by-hand`,
  })
  const copying = createCopying({ ...parts, bucket, hold, packer, unsaved: true })
  setting.say('copying')
  await copying.copy({ release: held.manifest.released })
  const copy = newest(hold.manifest())
  setting.done(
    `copied: ${setting.size(copy?.bytes ?? 0)}${copy?.encrypted ? ', encrypted' : ''}, ${copy?.key}`,
  )
})
