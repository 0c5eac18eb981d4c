import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openConnection } from '../../../src/db/open/file/connection.ts'
import { descriptorsOf, flush } from '../../../src/runtimes/node/checkpoints/flush.ts'
import { temporaryFolder } from '../../support/process.ts'

const tells = process.platform === 'linux'

test('a file has the descriptors by which it is open', () => {
  const path = join(temporaryFolder(), 'a')
  writeFileSync(path, 'a')
  expect(descriptorsOf(path)).toEqual([])
  const descriptor = openSync(path, 'r+')
  expect(descriptorsOf(path)).toEqual(tells ? [descriptor] : [])
  closeSync(descriptor)
  expect(descriptorsOf(path)).toEqual([])
  expect(descriptorsOf(`${path}-absent`)).toEqual([])
})

test('SQLite’s descriptor of a database is found, and waits for the disk', () => {
  const path = join(temporaryFolder(), 'a.db')
  const connection = openConnection(path)
  const [descriptor] = descriptorsOf(path)
  expect(descriptor === undefined).toBe(!tells)
  connection.exec('create table a (b)')
  flush(descriptor)
  connection.close()
  expect(descriptorsOf(path)).toEqual([])
})

test('where the number is none of the system’s, nothing is waited for', () => {
  flush(undefined)
  flush(1_000_000)
})
