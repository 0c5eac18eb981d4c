// The other backend's database is only read, and learns nothing of the service.
import { cpSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSource } from '../../../scripts/import-legacy/source.ts'
import { tokenFor } from '../../../scripts/support/service.ts'
import { temporaryFolder } from '../../support/process.ts'
import { onFile } from './fixtures.ts'

test('a file with a write-ahead log keeps every byte', async () => {
  const folder = temporaryFolder()
  const [from, path] = [join(folder, 'a.db'), join(folder, 'b ?#%.db')]
  const db = new Libsql(from)
  db.exec(
    'pragma journal_mode = wal; create table tasks (id integer); insert into tasks values (7)',
  )
  for (const end of ['', '-wal']) cpSync(`${from}${end}`, `${path}${end}`)
  db.close()
  const bytes = () => ['', '-wal'].map((end) => readFileSync(`${path}${end}`, 'hex'))
  const before = bytes()
  const source = await openSource(`file:${encodeURI(path).replace('?', '%3F').replace('#', '%23')}`)
  expect(await source.read('select id from tasks')).toEqual([[7n]])
  await expect(source.read('delete from tasks returning id')).rejects.toThrow()
  // As the last one that closes a file does.
  await source.read('pragma wal_checkpoint(truncate)').catch(() => {})
  await source.close()
  expect(bytes()).toEqual(before)
})

test('views are no tables', async () => {
  const { url } = await onFile([
    'create table tasks (id integer)',
    'create view todos as select * from tasks',
  ])
  const source = await openSource(url)
  expect((await source.tables()).map(({ name }) => name)).toEqual(['tasks'])
  await source.close()
})

test.each([
  ['libsql://a.example.org', 'libsql://a.example.org?tls=1', 'secret'],
  ['libsql://a.example.org', 'https://b.example.org', undefined],
  ['libsql://a.example.org', 'https://a.example.org?authToken=own', undefined],
  [undefined, 'https://b.example.org', 'secret'],
])('db:copy with DATABASE_URL %s sends %s the token %s', (own, url, token) => {
  expect(tokenFor(url, { DATABASE_URL: own, DATABASE_AUTH_TOKEN: 'secret' })).toBe(token)
})

test('a libSQL server is not given the token of the service', async () => {
  vi.stubEnv('DATABASE_AUTH_TOKEN', 'of-the-service')
  onTestFinished(() => void vi.unstubAllEnvs())
  const heard: (string | undefined)[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization)
    response.writeHead(401).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(openSource(url)).rejects.toThrow()
  expect(new Set(heard)).toEqual(new Set([undefined]))
  await expect(openSource(`${url}?authToken=given`)).rejects.toThrow()
  expect(heard).toContain('Bearer given')
})
