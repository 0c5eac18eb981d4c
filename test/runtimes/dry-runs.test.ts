// --dry-run says what a command would do, and changes nothing: not one byte of a database or a
// bucket, no file, no folder.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'

let env: Record<string, string>
let data: string
let bucket: string
beforeEach(() => {
  data = join(temporaryFolder(), 'data')
  bucket = temporaryFolder()
  env = { DATA_DIR: data, BACKUP_URL: `file:${bucket}` }
})

const command = async (name: string, args: readonly string[], input?: string) => {
  const { child, exit, out, err } =
    input === undefined
      ? run(process.execPath, [`scripts/${name}.ts`, ...args], env)
      : run('sh', ['-c', `printf %s "$INPUT" | "$NODE" scripts/${name}.ts ${args.join(' ')}`], {
          ...env,
          INPUT: input,
          NODE: process.execPath,
        })
  child.stdin?.end()
  return { code: await exit, out: out(), err: err() }
}

/** A service that was started, used and ended: with its database, and a backup. */
const used = async (): Promise<void> => {
  const service = await startTaskport(env)
  const body = JSON.stringify({ email: 'ada@example.org', password: 'a heron on the pier' })
  const headers = { 'Content-Type': 'application/json' }
  const url = `${service.url}/api/v1/auth/register`
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201)
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
}

const digest = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(folder, name)).isFile() && !/-(?:wal|shm)$/.test(name))
        .map((name) => {
          const content = readFileSync(join(folder, name))
          return `${name} ${createHash('sha256').update(content).digest('hex')}`
        })
        .toSorted()
    : ['absent']
const everything = () => [digest(data), digest(bucket)]

test('on nothing at all: no folder is made', async () => {
  const before = everything()
  expect(await command('migrate', ['--dry-run'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^missing: 0000_/),
  })
  expect(await command('backup', ['--dry-run'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no database to back up'),
  })
  expect(await command('restore', ['--dry-run'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('there are no backups yet'),
  })
  expect(await command('user', ['add', 'ada@example.org', '--dry-run'], 'a heron')).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not exist'),
  })
  expect(everything()).toEqual(before)
})

test('on a database with a backup', async () => {
  await used()
  const before = everything()
  expect(await command('migrate', ['--dry-run'])).toMatchObject({
    code: 0,
    out: 'nothing was missing\n',
  })
  expect(await command('backup', ['--dry-run'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^would back up: .*taskport\.db \(.*\), not encrypted; the newest is of/,
    ),
  })
  expect(await command('restore', ['--dry-run'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^would restore the backup of .*, and keep what is there beside it\n$/,
    ),
  })
  const to = join(temporaryFolder(), 'then.db')
  expect(await command('restore', ['--dry-run', '--to', to])).toMatchObject({
    code: 0,
    out: expect.stringContaining(`to ${to}\n`),
  })
  expect(existsSync(to)).toBe(false)
  const copy = ['--from', `file:${data}/taskport.db`, '--to', `file:${to}`, '--dry-run']
  expect(await command('db-copy', copy)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^would copy (\d+) of \1 rows\n$/),
  })
  expect(existsSync(to)).toBe(false)
  for (const [args, password, said] of [
    [['add', 'bob@example.org'], 'another heron', 'bob@example.org has an account'],
    [['reset-password', 'ada@example.org'], 'another heron', 'has a new password'],
    [['delete', 'ada@example.org'], '', 'ada@example.org is deleted'],
  ] as const)
    expect(await command('user', [...args, '--dry-run'], password)).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^a dry run, nothing was changed: .*${said}`)),
    })
  expect(
    await command('user', ['add', 'ada@example.org', '--dry-run'], 'a heron on the pier'),
  ).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is an account of this e-mail address'),
  })
  expect(everything()).toEqual(before)
})

test('a bare restore needs --yes where nobody can be asked, and restores with it', async () => {
  await used()
  const before = everything()
  expect(await command('restore', [])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^taskport: say which backup by --at, or --yes .*\nusage: /),
  })
  expect(everything()).toEqual(before)
  expect(await command('restore', ['--yes'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^restored .*; what was there is .*aside/),
  })
})
