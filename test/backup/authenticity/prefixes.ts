// Buckets and databases as services with different keys have left them, for the tests to spoil.
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { MANIFEST } from '../../../src/backup/manifest.ts'
import { temporaryFolder } from '../../support/process.ts'
import { type Process, pass, startTurn, type Taken, takenBy } from '../turns.ts'

export const KEY = { BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!' }
const OTHER_KEY = { BACKUP_ENCRYPTION_KEY: 'another key of thirty-two letters' }
export const ACCEPT = { BACKUP_ACCEPT_UNAUTHENTICATED: 'on' }

export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
export const read = (bucket: string, key = MANIFEST) => readFileSync(join(bucket, key))
export const manifestIn = (bucket: string) => JSON.parse(String(read(bucket))).manifest
export const newestIn = (bucket: string) => manifestIn(bucket).copies.at(-1)
/** What anybody can do: a manifest with the right checksum. */
export const rewrite = (bucket: string, change: (manifest: any) => any) => {
  const manifest = change(manifestIn(bucket))
  writeFileSync(
    join(bucket, MANIFEST),
    JSON.stringify({ sha256: sha256(JSON.stringify(manifest)), manifest }),
  )
}
export const withoutMac = (manifest: any) => ({
  ...manifest,
  revision: manifest.revision.split('.')[0],
})
/** Puts other bytes in the place of the newest backup, and names them in the manifest. */
export const replaceNewest = (
  bucket: string,
  bytes: Buffer,
  facts: { key?: string; encrypted?: boolean } = {},
) => {
  const key = facts.key ?? newestIn(bucket).key
  writeFileSync(join(bucket, key), bytes)
  rewrite(bucket, (manifest) => ({
    ...manifest,
    copies: [
      ...manifest.copies.slice(0, -1),
      { ...manifest.copies.at(-1), ...facts, key, bytes: bytes.length, sha256: sha256(bytes) },
    ],
  }))
}

/**
 * Once the process has looked at the manifest: on a busy machine its time runs ahead of what it
 * reads.
 */
export const add = async (writer: Taken, name: string) => {
  await pass([writer.timer], () => writer.state().writing)
  await writer.add(name)
}
export const copied = (writer: Taken) =>
  pass([writer.timer], () => writer.state().unsavedFor === undefined)
/** A process that writes these, one a backup, and ends. */
const written = async (env: Record<string, string>, folder: string, names: readonly string[]) => {
  const writer = await takenBy(startTurn(env, folder))
  for (const name of names) {
    await add(writer, name)
    await copied(writer)
  }
  expect(await writer.stop()).toBe(true)
  await writer.close()
}
export const outcomeOf = (process: Process): Promise<string> =>
  takenBy(process).then(
    () => 'it started',
    ({ message }) => message,
  )
export const reasonOf = (env: Record<string, string>, folder?: string): Promise<string> =>
  outcomeOf(startTurn(env, folder))
export const contentsOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    // SQLite's shared memory changes when a database is read, and an empty log goes when it is
    // closed.
    .filter(
      (entry) =>
        entry.isFile() &&
        !entry.name.endsWith('-shm') &&
        statSync(join(entry.parentPath, entry.name)).size > 0,
    )
    .map(({ parentPath, name }) => [name, sha256(readFileSync(join(parentPath, name)))])

/**
 * A prefix with what two processes have copied, the disk of the first (older than the backups), and
 * its manifest.
 */
type Prefix = { readonly bucket: string; readonly disk: string; readonly firstManifest: Buffer }

/** Made once, by the first test that wants it. */
const kept = mkdtempSync(join(tmpdir(), 'taskport-authentic-'))
process.once('exit', () => rmSync(kept, { recursive: true, force: true }))
const prefixOf = (
  name: string,
  extra: Record<string, string>,
  more: readonly string[] = ['two'],
) => {
  let made: Promise<Prefix> | undefined
  const make = async (): Promise<Prefix> => {
    const [bucket, disk] = [temporaryFolder(), temporaryFolder()]
    const env = { BACKUP_URL: `file:${bucket}`, ...extra }
    await written(env, disk, ['one'])
    const firstManifest = read(bucket)
    await written(env, temporaryFolder(), more)
    const prefix = {
      bucket: join(kept, name, 'bucket'),
      disk: join(kept, name, 'disk'),
      firstManifest,
    }
    cpSync(bucket, prefix.bucket, { recursive: true })
    cpSync(disk, prefix.disk, { recursive: true })
    return prefix
  }
  return () => {
    made ??= make()
    return made
  }
}
export const ours = prefixOf('ours', KEY, ['two', 'three'])
export const ofNoKey = prefixOf('of no key', {})
export const ofAnotherKey = prefixOf('of another key', OTHER_KEY)
/** Of a second database that has the same key, against the advice. */
export const sibling = prefixOf('sibling', KEY)

/** For one test to spoil. */
export const spoiled = async (prefix: () => Promise<Prefix>) => {
  const { bucket, disk, firstManifest } = await prefix()
  const [ownBucket, ownDisk] = [temporaryFolder(), temporaryFolder()]
  cpSync(bucket, ownBucket, { recursive: true })
  cpSync(disk, ownDisk, { recursive: true })
  return {
    bucket: ownBucket,
    disk: ownDisk,
    firstManifest,
    url: { BACKUP_URL: `file:${ownBucket}` },
  }
}
export const replaceBy = (bucket: string, other: string) => {
  rmSync(bucket, { recursive: true })
  cpSync(other, bucket, { recursive: true })
}
