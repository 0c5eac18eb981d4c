// npm run backup beside the service: two backups of one database at the same time, ready in any order.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Bucket, BucketError } from '../../src/backup/bucket.ts'
import { MANIFEST, newest, readManifest, swapManifest } from '../../src/backup/manifest.ts'
import { createManifestCas } from '../../src/backup/manifest-cas.ts'
import type { Timer } from '../../src/backup/retry.ts'
import { createSnapshotUploader } from '../../src/backup/snapshot-upload.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { silent } from '../../src/core/log.ts'
import { createFolderBucket } from '../../src/runtimes/node/backup/folder.ts'
import { temporaryFolder } from '../support/process.ts'

const timer: Timer = { now: () => 0, sleep: async () => {} }
const trust = { encryptionKey: undefined, acceptUnauthenticated: false }

/** A bucket with the manifest of the writer `w`, and uploaders that both are that writer. */
const begin = async (wrap = (bucket: Bucket): Bucket => bucket) => {
  const bucket = createFolderBucket(temporaryFolder())
  const source = { bucket: wrap(bucket), trust }
  const first = { format: 1 as const, lineage: 'l', epoch: 1, writer: 'w', claim: null, copies: [] }
  const tagged = await swapManifest({ bucket, trust }, { ...first, released: false }, undefined)
  const content = { path: join(temporaryFolder(), 'packed'), bytes: 1, sha256: '0'.repeat(64) }
  writeFileSync(content.path, 'x')
  let now = Date.parse('2026-12-01T12:00:00Z')
  /** Makes a backup, whose snapshot is of now, when `go` is called. */
  const backUp = async (options: { release: boolean }, last = tagged) => {
    const manifestCas = createManifestCas({ ...source, timer, tagged: last, id: 'w' })
    const packed = createDeferred<void>()
    const [began, clock] = [createDeferred<void>(), { now: () => now }]
    const packer = {
      encrypted: false,
      check: async () => {},
      pack: async () => {
        began.resolve()
        await packed.promise
        return { content, databaseBytes: 1, migration: '0000_x', discard: async () => {} }
      },
    }
    const uploader = createSnapshotUploader({
      ...{ bucket, manifestCas, packer, clock, timer, log: silent, unsaved: true },
    })
    const key = uploader.backUp(options).then((backup) => backup.key)
    await began.promise
    now += 1_000
    return {
      go: () => {
        packed.resolve()
        return key
      },
    }
  }
  const read = async () => {
    const found = await readManifest({ bucket, trust })
    if (found === undefined) throw new Error('no manifest')
    return found
  }
  const setClock = (at: string) => {
    now = Date.parse(at)
  }
  return { backUp, read, setClock }
}

test('the older snapshot is ready last: the newer one stays the newest, and released', async () => {
  const { backUp, read } = await begin()
  const older = await backUp({ release: false })
  const newer = await backUp({ release: true })
  const newerKey = await newer.go()
  const olderKey = await older.go()
  const { manifest } = await read()
  expect(manifest.copies.map(({ key }) => key)).toEqual([olderKey, newerKey])
  expect(manifest.released).toBe(true)
})

test('the newer snapshot is ready last: it becomes the newest', async () => {
  const { backUp, read } = await begin()
  const older = await backUp({ release: false })
  const newer = await backUp({ release: false })
  const olderKey = await older.go()
  const newerKey = await newer.go()
  const { manifest } = await read()
  expect(manifest.copies.map(({ key }) => key)).toEqual([olderKey, newerKey])
})

test('a clock that was set back since the backup before does not make the next one older', async () => {
  const { backUp, read, setClock } = await begin()
  await (await backUp({ release: false })).go()
  setClock('2026-11-01T12:00:00Z')
  const later = await backUp({ release: false }, await read())
  const key = await later.go()
  expect(newest((await read()).manifest)?.key).toBe(key)
})

test('the answer to its update is lost, and another process changes the manifest then: it is there once', async () => {
  let lose = true
  const { backUp, read } = await begin((bucket) => ({
    ...bucket,
    swap: async (key, text, tag) => {
      const swapped = await bucket.swap(key, text, tag)
      if (!lose || key !== MANIFEST) return swapped
      lose = false
      const claim = { epoch: 2, by: 'candidate' }
      const { manifest, tag: now } = await read()
      await swapManifest({ bucket, trust }, { ...manifest, claim }, now)
      throw new BucketError('unavailable', 'the answer is lost')
    },
  }))
  const key = await (await backUp({ release: false })).go()
  const { manifest } = await read()
  expect(manifest.claim).toMatchObject({ by: 'candidate' })
  expect(manifest.copies.map((copy) => copy.key)).toEqual([key])
})
