// An attacker who can write to the bucket, but does not have BACKUP_ENCRYPTION_KEY, gets nothing
// accepted; and how an operator begins to use a key, and comes from a version that did not
// authenticate the manifest.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MANIFEST } from '../../../src/backup/manifest.ts'
import { createLog } from '../../../src/core/log.ts'
import { bundleOf, run, temporaryFolder } from '../../support/process.ts'
import { pass, startTurn, takenBy } from '../turns.ts'
import { attacks, NO_MAC, plainKey, theirs } from './attacks.ts'
import {
  ACCEPT,
  add,
  contentsOf,
  copied,
  KEY,
  manifestIn,
  newestIn,
  ofNoKey,
  ours,
  outcomeOf,
  read,
  reasonOf,
  replaceNewest,
  rewrite,
  sha256,
  spoiled,
  withoutMac,
} from './prefixes.ts'

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

  test.each(['backup', 'backup:verify', 'restore'] as const)(
    'a backup of their own: npm run %s refuses it, too',
    async (command) => {
      const { bucket, disk, url } = await spoiled(ours)
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false })
      rewrite(bucket, withoutMac)
      const before = contentsOf(disk)
      const { exit, err } = run(process.execPath, [bundleOf(command)], {
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

  test('a manifest under a service that runs: it goes on from its own disk, says why, and backs up again afterwards', async () => {
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
    ['backups that are not encrypted', () => spoiled(ofNoKey)],
    [
      'encrypted backups of a version without a MAC',
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

  test('a backup that is not encrypted is refused in an authentic manifest, too', async () => {
    const { url } = await spoiled(ofNoKey)
    // ends before it has made a backup
    const writer = await takenBy(startTurn({ ...url, ...KEY, ...ACCEPT }))
    await writer.close()
    const reason = await reasonOf({ ...url, ...KEY })
    expect(reason).toMatch(
      /the backup of .* is not encrypted, and BACKUP_ENCRYPTION_KEY is set: .*BACKUP_ACCEPT_UNAUTHENTICATED=on/,
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
