// Brings a copy back: npm run restore -- --list | [--at 2026-11-23T12:00Z] [--to file.db]
// [--force]. Configured as the service is.
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SuccessionRefused } from '../src/backup/leader-election.ts'
import { type Copy, type Held, readManifest } from '../src/backup/manifest.ts'
import { persistent } from '../src/backup/retry.ts'
import { openFile } from '../src/db/open/file.ts'
import { adopt, fetchCopy, putInPlace } from '../src/runtimes/node/backup/disk.ts'
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

/** The newest copy, or the newest that was made until then. */
const choose = ({ manifest: { copies } }: Held, at: string | undefined): Copy => {
  const until = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)
  if (Number.isNaN(until)) throw new Usage(`--at needs a time such as 2026-11-23T12:00Z\n${USAGE}`)
  const copy = copies.findLast(({ created_at }) => Date.parse(created_at) <= until)
  if (copy) return copy
  throw new SuccessionRefused(
    copies.length === 0
      ? 'there are no copies yet'
      : `there is no copy from before then: the oldest is of ${copies[0]?.created_at}`,
  )
}

const toFile = async (
  { place, backup, ...setting }: Setting,
  copy: Copy,
  target: string,
): Promise<void> => {
  if (existsSync(target)) throw new SuccessionRefused(`${target} exists already: name another file`)
  const part = `${target}.part`
  await rm(part, { force: true })
  const progress = downloading({ place, backup, ...setting }, copy)
  await fetchCopy({ bucket: setting.bucket, trust: backup, progress }, copy, part)
  await rename(part, target)
  setting.done(`restored ${copy.created_at} to ${target}`)
}

/** Makes the copy the database of the service, which goes on from there when it starts. */
const inPlace = async (
  setting: Setting,
  { manifest }: Held,
  { copy, force }: { copy: Copy; force: boolean },
): Promise<void> => {
  const { place, backup, bucket, done } = setting
  if (!manifest.released && !force)
    throw new SuccessionRefused(
      'the service may be running on this database: stop it first, or say --force if it was killed',
    )
  const part = `${place.path}.restoring`
  await rm(part, { force: true })
  await fetchCopy({ bucket, trust: backup, progress: downloading(setting, copy) }, copy, part)
  await adopt(part, { lineage: manifest.lineage, epoch: manifest.epoch })
  // folds its log into the one file that is put aside
  if (existsSync(place.path)) await openFile(place.path).close()
  const aside = await putInPlace(part, place.path)
  done(
    `restored ${copy.created_at} to ${place.path}${aside === undefined ? '' : `; what was there is ${aside}`}`,
  )
}

await attempt(async (setting) => {
  const { list, at, to, force = false } = parse()
  const bucket = persistent(setting.bucket, 10_000)
  const held = await readManifest({ bucket, trust: setting.backup })
  if (held === undefined) throw new SuccessionRefused('there are no copies yet')
  if (list) {
    for (const { created_at, bytes, database_bytes, encrypted, key } of held.manifest.copies)
      setting.done(
        `${created_at}  ${setting.size(bytes).padStart(9)} (database ${setting.size(database_bytes)})${encrypted ? '  encrypted' : ''}  ${key}`,
      )
    return
  }
  const copy = choose(held, at)
  if (to !== undefined) await toFile({ ...setting, bucket }, copy, resolve(to))
  else await inPlace({ ...setting, bucket }, held, { copy, force })
})
