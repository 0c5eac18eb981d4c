// npm run backup, restore and backup:verify, as somebody at a terminal has them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { enter } from '../../soak/person.ts'
import { clientsOf } from '../../support/client.ts'
import { run, startTaskport, temporaryFolder } from '../../support/process.ts'
import { startS3 } from '../../support/servers/s3.ts'
import { createCopy, listed } from '../../support/sync/copy.ts'

const setting = async (): Promise<Record<string, string>> => {
  const s3 = await startS3()
  onTestFinished(() => s3.close())
  return {
    ...s3.env(),
    DATA_DIR: temporaryFolder(),
    BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!',
  }
}
const command = async (name: string, env: Record<string, string>, ...args: string[]) => {
  const { exit, out, err } = run(process.execPath, [`scripts/${name}.ts`, ...args], env)
  return { code: await exit, out: out(), err: err() }
}
const titlesIn = async (path: string) => {
  const db = openFile(path)
  const rows = await db.all(
    rawQuery<{ title: string }>('select title from tasks order by title', ['title']),
  )
  await db.close()
  return rows.map(({ title }) => title)
}

const asideIn = (folder: string): string => {
  const name = readdirSync(folder).find((name) => name.includes('.aside-'))
  return join(folder, name ?? 'nothing was put aside')
}

describe('beside a service that runs', () => {
  test('a backup is made, listed, verified and restored to a file', async () => {
    const env = await setting()
    const service = await startTaskport(env)
    const ada = await enter(service.url, 'ada', 'register')
    await ada.post('one')
    const made = await command('backup', env)
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^backed up: [\d.]+ kB, encrypted, copies\/00000001-0000000\d-/),
    })
    await ada.post('two')
    expect((await command('backup', env)).code).toBe(0)

    const list = await command('restore', env, '--list')
    const lines = list.out.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThanOrEqual(2)
    for (const line of lines)
      expect(line).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z +[\d.]+ kB \(database [\d.]+ [kM]B\) {2}encrypted {2}copies\//,
      )

    const verified = await command('backup-verify', env)
    expect(verified.code).toBe(0)
    expect(verified.out).toMatch(/^ +2 {2}tasks$/m)
    expect(verified.out).toMatch(/is whole: SHA-256 [0-9a-f]{64}.*integrity_check ok/)
    expect(verified.err).toMatch(/downloading: 100 %/)

    const [first = ''] = (made.out.match(/copies\/\S+/) ?? []).flatMap((key) =>
      lines.filter((line) => line.includes(key)),
    )
    const target = join(temporaryFolder(), 'then.db')
    const restored = await command(
      'restore',
      env,
      '--at',
      first.split(' ')[0] ?? '',
      '--to',
      target,
    )
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining(`to ${target}`) })
    expect(await titlesIn(target)).toEqual(['one'])
    expect(await command('restore', env, '--to', target)).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    })
    expect(await command('restore', env)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/stop it first, or say --force/),
    })
    expect((await fetch(`${service.url}/ready`)).status, 'it never noticed').toBe(200)
    await ada.post('three')
  })
})

test('an earlier backup becomes the database, the one that was there stays beside it, and the service goes on from it', async () => {
  const env = await setting()
  const service = await startTaskport(env)
  const ada = await enter(service.url, 'ada', 'register')
  await ada.post('good')
  const made = await command('backup', env)
  await ada.post('a mistake')
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  const list = (await command('restore', env, '--list')).out.split('\n')
  const at =
    list.find((line) => line.includes(/copies\/\S+/.exec(made.out)?.[0] ?? '?'))?.split(' ')[0] ??
    ''
  const restored = await command('restore', env, '--at', at)
  expect(restored).toMatchObject({
    code: 0,
    out: expect.stringMatching(/; what was there is .*\.aside-/),
  })
  expect(await titlesIn(asideIn(env['DATA_DIR'] ?? ''))).toEqual(['a mistake', 'good'])
  const again = await startTaskport(env)
  expect(
    (await (await enter(again.url, 'ada', 'login')).tasks()).map(({ title }) => title),
  ).toEqual(['good'])
})

test('a copy that a client keeps starts over behind a restore that lacks changes, and goes on behind one that lacks none', async () => {
  const env = await setting()
  let service = await startTaskport(env)
  const { register } = clientsOf((path, init) => fetch(service.url + path, init))
  const stop = async () => {
    service.child.kill('SIGTERM')
    expect(await service.exit, service.err()).toBe(0)
  }
  const ada = await register('Ada')
  await ada.post('/api/v1/tasks', { title: 'good' })
  const made = await command('backup', env)
  await ada.post('/api/v1/tasks', { title: 'a mistake' })
  const copy = createCopy()
  const follow = () => copy.follow(ada, () => 100)
  const since = () => ada.get(`/api/v1/changes?since=${copy.token}`)
  await follow()
  await stop()
  service = await startTaskport({ ...env, DATA_DIR: temporaryFolder() })
  expect((await since()).status, 'the last backup has all of it').toBe(200)
  await stop()

  const list = (await command('restore', env, '--list')).out.split('\n')
  const key = /copies\/\S+/.exec(made.out)?.[0] ?? '?'
  const at = list.find((line) => line.includes(key))?.split(' ')[0] ?? ''
  expect((await command('restore', env, '--at', at, '--force')).code).toBe(0)
  service = await startTaskport(env)
  expect((await since()).body).toMatchObject({ status: 410, code: 'sync_token_expired' })
  await ada.post('/api/v1/tasks', { title: 'what took its number' })
  await follow()
  expect(copy.content()).toEqual(await listed(ada))
})

test.each([['--yes'], ['--at', '2999-01-01T00:00Z'], ['--force']])(
  'restore %s does not take the database from a service that makes no backups',
  async (...args) => {
    const env = { DATA_DIR: temporaryFolder(), BACKUP_URL: `file:${temporaryFolder()}` }
    const { BACKUP_URL: _, ...without } = env
    const service = await startTaskport(without)
    const ada = await enter(service.url, 'ada', 'register')
    await ada.post('one')
    expect((await command('backup', env)).code).toBe(0)
    expect(await command('restore', env, ...args)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^taskport: another process has .*taskport\.db open: stop /m),
    })
    await ada.post('two')
    service.child.kill('SIGKILL')
    await service.exit
    expect((await command('restore', env, ...args)).code, 'of one that was killed').toBe(0)
    expect(await titlesIn(asideIn(env.DATA_DIR))).toEqual(['one', 'two'])
    expect(await titlesIn(join(env.DATA_DIR, 'taskport.db'))).toEqual(['one'])
  },
)

test('a damaged database is put aside as it is', async () => {
  const env = { DATA_DIR: temporaryFolder(), BACKUP_URL: `file:${temporaryFolder()}` }
  const service = await startTaskport(env)
  await (await enter(service.url, 'ada', 'register')).post('one')
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  const path = join(env.DATA_DIR, 'taskport.db')
  const damaged = Buffer.alloc(9000, 'no database')
  writeFileSync(path, damaged)
  expect(await command('restore', env, '--yes')).toMatchObject({ code: 0 })
  expect(readFileSync(asideIn(env.DATA_DIR)).equals(damaged)).toBe(true)
  expect(await titlesIn(path)).toEqual(['one'])
})

test('what cannot be done is said in a line', async () => {
  const env = await setting()
  const empty = temporaryFolder()
  expect(await command('restore', env)).toEqual({
    code: 1,
    out: '',
    err: 'taskport: BACKUP_URL: there are no backups yet\n',
  })
  expect(await command('backup', { ...env, DATA_DIR: empty })).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no database to back up at'),
  })
  expect(existsSync(join(empty, 'taskport.db'))).toBe(false)
  expect(await command('backup-verify', {})).toMatchObject({
    code: 1,
    err: expect.stringContaining('BACKUP_URL is not set'),
  })
  expect(await command('restore', env, '--when', 'now')).toMatchObject({
    code: 2,
    err: expect.stringContaining('usage: npm run restore'),
  })
  const inFolder = (folder: string) => ({
    DATA_DIR: empty,
    BACKUP_URL: `file:${folder}`,
  })
  writeFileSync(join(empty, 'file'), '')
  expect(await command('restore', inFolder(`${empty}/file/of`))).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot be used \(ENOTDIR\): make it, or correct BACKUP_URL\n$/),
  })
  writeFileSync(join(empty, 'manifest.json'), '{}')
  expect(await command('restore', inFolder(empty))).toMatchObject({
    code: 1,
    err: expect.stringMatching(/is damaged: correct BACKUP_URL, or put right what is there\n$/),
  })
  const server = { ...env, DATABASE_URL: 'postgres://me:hunter2@127.0.0.1/x' }
  expect(await command('backup', server)).toMatchObject({
    code: 1,
    err: expect.stringContaining('BACKUP_URL backs up a database in a file'),
  })
})
