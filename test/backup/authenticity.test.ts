// An attacker who can write to the bucket, but does not have BACKUP_ENCRYPTION_KEY, gets nothing
// accepted; and how an operator begins to use a key, and comes from a version that did not
// authenticate the manifest.
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
import { afterAll, describe, expect, test } from 'vitest'
import { MANIFEST } from '../../src/backup/manifest.ts'
import { createLog } from '../../src/core/log.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { type Process, pass, startTurn, type Taken, takenBy } from './turns.ts'

const KEY = { BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!' }
const OTHER_KEY = { BACKUP_ENCRYPTION_KEY: 'another key of thirty-two letters' }
const ACCEPT = { BACKUP_ACCEPT_UNAUTHENTICATED: 'on' }

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const read = (bucket: string, key = MANIFEST) => readFileSync(join(bucket, key))
const manifestIn = (bucket: string) => JSON.parse(String(read(bucket))).manifest
const newestIn = (bucket: string) => manifestIn(bucket).copies.at(-1)
/** What anybody can do: a manifest with the right checksum. */
const rewrite = (bucket: string, change: (manifest: any) => any) => {
  const manifest = change(manifestIn(bucket))
  writeFileSync(
    join(bucket, MANIFEST),
    JSON.stringify({ sha256: sha256(JSON.stringify(manifest)), manifest }),
  )
}
const withoutMac = (manifest: any) => ({ ...manifest, revision: manifest.revision.split('.')[0] })
/** Puts other bytes in the place of the newest copy, and names them in the manifest. */
const replaceNewest = (
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
const add = async (writer: Taken, name: string) => {
  await pass([writer.timer], () => writer.state().writing)
  await writer.add(name)
}
const copied = (writer: Taken) =>
  pass([writer.timer], () => writer.state().unsavedFor === undefined)
/** A process that writes these, one a copy, and ends. */
const written = async (env: Record<string, string>, folder: string, names: readonly string[]) => {
  const writer = await takenBy(startTurn(env, folder))
  for (const name of names) {
    await add(writer, name)
    await copied(writer)
  }
  expect(await writer.stop()).toBe(true)
  await writer.close()
}
const outcomeOf = (process: Process): Promise<string> =>
  takenBy(process).then(
    () => 'it started',
    ({ message }) => message,
  )
const reasonOf = (env: Record<string, string>, folder?: string): Promise<string> =>
  outcomeOf(startTurn(env, folder))
const contentsOf = (folder: string) =>
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
 * A prefix with what two processes have copied, the disk of the first (older than the copies), and
 * its manifest.
 */
type Prefix = { readonly bucket: string; readonly disk: string; readonly firstManifest: Buffer }

/** Made once, by the first test that wants it. */
const kept = mkdtempSync(join(tmpdir(), 'taskport-authentic-'))
afterAll(() => rmSync(kept, { recursive: true, force: true }))
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
const ours = prefixOf('ours', KEY, ['two', 'three'])
const ofNoKey = prefixOf('of no key', {})
const ofAnotherKey = prefixOf('of another key', OTHER_KEY)
/** Of a second database that has the same key, against the advice. */
const sibling = prefixOf('sibling', KEY)

/** For one test to spoil. */
const spoiled = async (prefix: () => Promise<Prefix>) => {
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
const replaceBy = (bucket: string, other: string) => {
  rmSync(bucket, { recursive: true })
  cpSync(other, bucket, { recursive: true })
}

const DAMAGED = /manifest\.json in the bucket is damaged/
const NO_MAC =
  /manifest\.json was written without BACKUP_ENCRYPTION_KEY, .*set BACKUP_ACCEPT_UNAUTHENTICATED=on/
const WRONG_MAC =
  /manifest\.json was written with another BACKUP_ENCRYPTION_KEY, or changed by an attacker: .*BACKUP_ACCEPT_UNAUTHENTICATED=on/
const OTHER_BYTES = /the copy of .* is damaged in the bucket, or on its way from there/

type Attack = (bucket: string, firstManifest: Buffer) => void | Promise<void>
/** A copy of the attacker's own database. */
const theirs = async (): Promise<Buffer> => {
  const { bucket } = await ofNoKey()
  return read(bucket, newestIn(bucket).key)
}
const plainKey = (bucket: string) => newestIn(bucket).key.replace(/\.enc$/, '')
const attacks: Record<string, [Attack, RegExp]> = {
  'other bytes in the place of the copy': [
    (bucket) => writeFileSync(join(bucket, newestIn(bucket).key), 'x'),
    OTHER_BYTES,
  ],
  'an older copy in the place of the newest': [
    (bucket) => {
      const [older, newer] = manifestIn(bucket).copies.slice(-2)
      cpSync(join(bucket, older.key), join(bucket, newer.key))
    },
    OTHER_BYTES,
  ],
  'a copy of another database with the same key': [
    async (bucket) => {
      const { bucket: other } = await sibling()
      writeFileSync(join(bucket, newestIn(bucket).key), read(other, newestIn(other).key))
    },
    OTHER_BYTES,
  ],
  'a copy that is not encrypted, named in the manifest': [
    async (bucket) =>
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false }),
    WRONG_MAC,
  ],
  'the same, and no MAC': [
    async (bucket) => {
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false })
      rewrite(bucket, withoutMac)
    },
    NO_MAC,
  ],
  'a copy that is not encrypted under the key of one that is': [
    async (bucket) => replaceNewest(bucket, await theirs(), { encrypted: false }),
    DAMAGED,
  ],
  'the manifest and the copies of a database without a key': [
    async (bucket) => replaceBy(bucket, (await ofNoKey()).bucket),
    NO_MAC,
  ],
  'the manifest and the copies of a database with another key': [
    async (bucket) => replaceBy(bucket, (await ofAnotherKey()).bucket),
    WRONG_MAC,
  ],
  'the two last copies exchanged in the manifest': [
    (bucket) =>
      rewrite(
        bucket,
        ({
          copies: [
            first,
            { sha256, bytes, ...second },
            { sha256: lastSum, bytes: lastBytes, ...last },
          ],
          ...rest
        }) => ({
          ...rest,
          copies: [
            first,
            { ...second, sha256: lastSum, bytes: lastBytes },
            { ...last, sha256, bytes },
          ],
        }),
      ),
    WRONG_MAC,
  ],
  'the last copy left out of the manifest': [
    (bucket) =>
      rewrite(bucket, ({ copies, ...rest }) => ({ ...rest, copies: copies.slice(0, -1) })),
    WRONG_MAC,
  ],
  'no MAC': [(bucket) => rewrite(bucket, withoutMac), NO_MAC],
  'an empty MAC': [
    (bucket) =>
      rewrite(bucket, (manifest) => ({
        ...manifest,
        revision: `${manifest.revision.split('.')[0]}.`,
      })),
    WRONG_MAC,
  ],
  'more behind the MAC': [
    (bucket) =>
      rewrite(bucket, (manifest) => ({ ...manifest, revision: `${manifest.revision}.x` })),
    WRONG_MAC,
  ],
  'the MAC of another manifest': [
    (bucket, first) =>
      rewrite(bucket, (manifest) => ({
        ...manifest,
        revision: JSON.parse(String(first)).manifest.revision,
      })),
    WRONG_MAC,
  ],
  'a manifest that claims another writer': [
    (bucket) => rewrite(bucket, (manifest) => ({ ...manifest, writer: 'me', released: false })),
    WRONG_MAC,
  ],
  'an older manifest, which is authentic': [
    (bucket, first) => writeFileSync(join(bucket, MANIFEST), first),
    /manifest\.json is older than the copies beside it/,
  ],
  'a manifest of another database with the same key': [
    async (bucket) => replaceBy(bucket, (await sibling()).bucket),
    /the copies there are of another database than the one on this disk/,
  ],
  ...Object.fromEntries(
    [
      '../secret.db.gz',
      'copies/../../secret.db.gz.enc',
      '/etc/passwd',
      'orphans/00000001-12345678.db.gz.enc',
      `${'copies/00000002-00000003-12345678.db.gz'}\0.enc`,
    ].map((key): [string, [Attack, RegExp]] => [
      `the key ${JSON.stringify(key)}`,
      [
        (bucket) =>
          rewrite(bucket, (manifest) => ({
            ...manifest,
            copies: [...manifest.copies.slice(0, -1), { ...manifest.copies.at(-1), key }],
          })),
        DAMAGED,
      ],
    ]),
  ),
}

describe('an attacker puts into the bucket', () => {
  test.each(Object.entries(attacks))(
    '%s: the start is refused, and nothing on the disk changes',
    async (name, [attack, reason]) => {
      const { bucket, disk, firstManifest, url } = await spoiled(ours)
      await attack(bucket, firstManifest)
      const before = contentsOf(disk)
      expect(await reasonOf({ ...url, ...KEY }, disk)).toMatch(reason)
      expect(contentsOf(disk)).toEqual(before)
      // which only a database on the disk can tell
      if (name.startsWith('a manifest of another database')) return
      const empty = temporaryFolder()
      expect(await reasonOf({ ...url, ...KEY }, empty)).toMatch(reason)
      expect(readdirSync(empty)).toEqual([])
    },
  )

  const commands = {
    'npm run backup': ['backup'],
    'npm run backup:verify': ['backup-verify'],
    'npm run restore': ['restore'],
  }
  test.each(Object.entries(commands))(
    'a copy of their own: %s refuses it, too',
    async (_name, [script]) => {
      const { bucket, disk, url } = await spoiled(ours)
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false })
      rewrite(bucket, withoutMac)
      const before = contentsOf(disk)
      const { exit, err } = run(process.execPath, [`scripts/${script}.ts`], {
        ...url,
        ...KEY,
        DATA_DIR: disk,
      })
      expect(await exit).toBe(1)
      expect(err()).toMatch(NO_MAC)
      expect(err()).toMatch(/^taskport: BACKUP_URL: [^\n]+\n$/)
      expect(contentsOf(disk)).toEqual(before)
    },
  )

  test('a manifest under a service that runs: it goes on from its own disk, says why, and copies again afterwards', async () => {
    const { bucket, url } = await spoiled(ours)
    const lines: string[] = []
    const log = createLog('info', (line) => lines.push(line), { now: Date.now })
    const writer = await takenBy(startTurn({ ...url, ...KEY }, undefined, log))
    await add(writer, 'before')
    await copied(writer)
    const good = read(bucket)
    // As a process of an earlier version would claim the database.
    rewrite(bucket, (manifest) =>
      withoutMac({ ...manifest, claim: { epoch: manifest.epoch + 1, by: 'another' } }),
    )
    await add(writer, 'meanwhile')
    await pass(
      [writer.timer],
      () =>
        writer.state().failures > 0 &&
        lines.some((line) => line.includes('the manifest in the bucket cannot be used')),
    )
    expect(lines.filter((line) => NO_MAC.test(line)).length).toBeGreaterThan(0)
    await add(writer, 'and on')
    expect(writer.state().writing).toBe(true)
    writeFileSync(join(bucket, MANIFEST), good)
    await copied(writer)
    expect(await writer.stop()).toBe(true)
  })
})

describe('the switch-over', () => {
  const EARLIER: [string, () => Promise<Awaited<ReturnType<typeof spoiled>>>][] = [
    ['copies that are not encrypted', () => spoiled(ofNoKey)],
    [
      'encrypted copies of a version without a MAC',
      async () => {
        const prefix = await spoiled(ours)
        rewrite(prefix.bucket, withoutMac)
        return prefix
      },
    ],
  ]
  test.each(EARLIER)(
    'from %s: refused, accepted with the variable, and authentic from then on',
    async (_name, make) => {
      const { bucket, url } = await make()
      const env = { ...url, ...KEY }
      const before = contentsOf(bucket)
      expect(await reasonOf(env)).toMatch(NO_MAC)
      expect(contentsOf(bucket)).toEqual(before)

      const lines: string[] = []
      const log = createLog('info', (line) => lines.push(line), { now: Date.now })
      const writer = await takenBy(startTurn({ ...env, ...ACCEPT }, undefined, log))
      expect(
        lines.filter((line) => /"warning".*BACKUP_ACCEPT_UNAUTHENTICATED is on/.test(line)),
      ).toHaveLength(1)
      expect(await writer.names()).toEqual(expect.arrayContaining(['one', 'two']))
      await add(writer, 'four')
      await copied(writer)
      expect(await writer.stop()).toBe(true)
      expect(newestIn(bucket)).toMatchObject({ encrypted: true })

      const next = await takenBy(startTurn(env))
      expect(await next.names()).toEqual(expect.arrayContaining(['four', 'one', 'two']))
      expect(await next.stop()).toBe(true)
    },
  )

  test('a copy that is not encrypted is refused in an authentic manifest, too', async () => {
    const { url } = await spoiled(ofNoKey)
    // ends before it has made a copy
    const writer = await takenBy(startTurn({ ...url, ...KEY, ...ACCEPT }))
    await writer.close()
    const reason = await reasonOf({ ...url, ...KEY })
    expect(reason).toMatch(
      /the copy of .* is not encrypted, and BACKUP_ENCRYPTION_KEY is set: .*BACKUP_ACCEPT_UNAUTHENTICATED=on/,
    )
  })

  test.each([
    ['with the variable, the database is taken over', ACCEPT, /^it started$/],
    ['without it, the new process ends and says why', {}, NO_MAC],
  ])(
    'an earlier version hands over, and its manifest has no MAC: %s',
    async (_name, extra, outcome) => {
      const env = { BACKUP_URL: `file:${temporaryFolder()}`, ...KEY }
      const bucket = env.BACKUP_URL.slice('file:'.length)
      const old = await takenBy(startTurn(env))
      await add(old, 'one')
      await copied(old)
      const candidate = startTurn({ ...env, ...extra })
      await pass([candidate.timer], () => manifestIn(bucket).claim !== null)
      // as the old process would, whose time stands still
      rewrite(bucket, (manifest) => withoutMac({ ...manifest, released: true }))
      expect(await outcomeOf(candidate)).toMatch(outcome)
    },
  )

  test('without a key, a manifest that was written with one is refused, not written anew', async () => {
    const { bucket, url } = await spoiled(ours)
    const before = contentsOf(bucket)
    expect(await reasonOf(url)).toMatch(
      /manifest\.json was written with a BACKUP_ENCRYPTION_KEY, and none is set: set it/,
    )
    expect(contentsOf(bucket)).toEqual(before)
  })

  test('a manifest has no field that earlier versions do not know, so that they see a claim and hand over', async () => {
    const { bucket } = await ours()
    const text = JSON.parse(String(read(bucket)))
    expect(Object.keys(text)).toEqual(['sha256', 'manifest'])
    expect(Object.keys(text.manifest).toSorted()).toEqual([
      'claim',
      'copies',
      'epoch',
      'format',
      'lineage',
      'released',
      'revision',
      'writer',
    ])
    expect(text.sha256).toBe(sha256(JSON.stringify(text.manifest)))
  })
})
