// MIGRATE=check and off with backups: a start that is refused leaves the database to the process that
// has it.
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/process.ts'
import {
  contentsOf,
  manifestIn,
  ofNoKey,
  reasonOf,
  rewrite,
  spoiled,
} from './authenticity/prefixes.ts'

const CHECK = { MIGRATE: 'check' }
/** As if a version before the last migration had made the backups. */
const madeOlder = (bucket: string) =>
  rewrite(bucket, (manifest) => ({
    ...manifest,
    copies: manifest.copies.map((copy: object) => ({ ...copy, migration: '0003_older' })),
  }))

test('a backup that lacks migrations: refused before the database is taken over', async () => {
  const { bucket, url } = await spoiled(ofNoKey)
  madeOlder(bucket)
  const [before, manifest] = [contentsOf(bucket), manifestIn(bucket)]
  expect(await reasonOf({ ...url, ...CHECK })).toMatch(
    /MIGRATE is check, and the newest backup lacks migrations up to \d{4}_\w+: set MIGRATE to auto/,
  )
  expect(manifestIn(bucket)).toEqual(manifest)
  expect(contentsOf(bucket)).toEqual(before)
})

test('an empty bucket and no database: refused, and nothing is made', async () => {
  const [bucket, folder] = [temporaryFolder(), temporaryFolder()]
  expect(await reasonOf({ BACKUP_URL: `file:${bucket}`, ...CHECK }, folder)).toMatch(
    /MIGRATE is check, and the database lacks migrations/,
  )
  expect(contentsOf(bucket)).toEqual([])
  expect(contentsOf(folder)).toEqual([])
})

test('MIGRATE=off without tables: refused, and nothing is made', async () => {
  const [bucket, folder] = [temporaryFolder(), temporaryFolder()]
  expect(await reasonOf({ BACKUP_URL: `file:${bucket}`, MIGRATE: 'off' }, folder)).toMatch(
    /MIGRATE is off, and the database has no tables, which backups need: run npm run db:migrate/,
  )
  expect(contentsOf(bucket)).toEqual([])
  expect(contentsOf(folder)).toEqual([])
})

test('a backup that has them all: restored', async () => {
  const { url } = await spoiled(ofNoKey)
  expect(await reasonOf({ ...url, ...CHECK })).toBe('it started')
})
