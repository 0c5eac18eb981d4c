import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type FolderOptions, findDataFolder } from '../../../src/runtimes/node/data-folder.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import type { FileSystem } from '../../../src/runtimes/node/filesystem.ts'
import { temporaryFolder } from '../../support/process.ts'

let home: string
let places: FolderOptions
const disk = (): FileSystem => ({ kind: 'disk' })
beforeEach(() => {
  home = temporaryFolder()
  places = {
    candidates: [join(home, 'first'), join(home, 'second')],
    temporary: join(home, 'temporary'),
    probe: disk,
  }
})
const hold = (name: string) => {
  mkdirSync(join(home, name), { recursive: true })
  writeFileSync(join(home, name, 'taskport.db'), '')
}
/** A path that nobody can make a folder of, not even root: there is a file in its way. */
const block = (name: string) => writeFileSync(join(home, name), '')

test('DATA_DIR counts, whatever the others hold, and is made', () => {
  hold('first')
  hold('second')
  expect(findDataFolder(join(home, 'a/b'), places)).toEqual({
    folder: join(home, 'a/b'),
    temporary: false,
  })
  expect(existsSync(join(home, 'a/b'))).toBe(true)
})

test('else the one that holds a database', () => {
  mkdirSync(join(home, 'first'))
  hold('second')
  expect(findDataFolder(undefined, places)).toEqual({
    folder: join(home, 'second'),
    temporary: false,
  })
})

test('two that hold one are refused, by name', () => {
  hold('first')
  hold('second')
  expect(() => findDataFolder(undefined, places)).toThrow(
    `${join(home, 'first')} and ${join(home, 'second')} each hold a taskport.db: set DATA_DIR`,
  )
})

test('else the first that can be written to', () => {
  expect(findDataFolder(undefined, places)).toEqual({
    folder: join(home, 'first'),
    temporary: false,
  })
  block('third')
  expect(
    findDataFolder(undefined, {
      ...places,
      candidates: [join(home, 'third'), join(home, 'second')],
    }).folder,
  ).toBe(join(home, 'second'))
})

test('else a temporary one, which is said', () => {
  block('first')
  block('second')
  expect(findDataFolder(undefined, places)).toEqual({
    folder: join(home, 'temporary'),
    temporary: true,
  })
  const { durability } = findDatabaseTarget(
    { databaseUrl: undefined, dataDir: undefined, spaceId: undefined },
    places,
  )
  expect(durability.kind).toBe('ephemeral')
})

test('a DATA_DIR that cannot be written to is refused, and so is a network file system', () => {
  block('first')
  expect(() => findDataFolder(join(home, 'first'), places)).toThrow(
    /^DATA_DIR .*first is a file, not a folder: set DATA_DIR/,
  )
  expect(() => findDataFolder(join(home, 'first/below'), places)).toThrow(
    /^DATA_DIR .*below cannot be written to \(ENOTDIR\): let user \d+ write there/,
  )
  const remote: Partial<FolderOptions> = {
    ...places,
    probe: () => ({ kind: 'remote', name: 'FUSE' }),
  }
  expect(() => findDataFolder(join(home, 'second'), remote)).toThrow(
    /^DATA_DIR leads to .*second, which is on a network .*\(FUSE\).*: set DATA_DIR/,
  )
  const url = { databaseUrl: `file:${home}/x.db`, dataDir: undefined, spaceId: undefined }
  expect(() => findDatabaseTarget(url, remote)).toThrow(/^DATABASE_URL leads to /)
  expect(existsSync(join(home, 'x.db'))).toBe(false)
})

test.each([
  [disk(), undefined, 'durable'],
  [disk(), 'me/tasks', 'ephemeral'],
  [{ kind: 'forgetful', name: 'memory (tmpfs)' } as const, undefined, 'ephemeral'],
])('on %j, Space %s: %s', (system, spaceId, kind) => {
  const { durability } = findDatabaseTarget(
    { databaseUrl: undefined, dataDir: home, spaceId },
    { ...places, probe: () => system },
  )
  expect(durability.kind).toBe(kind)
  expect(durability.reason).not.toContain(home)
})
