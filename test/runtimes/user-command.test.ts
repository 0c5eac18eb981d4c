// The command for whoever runs the service, on the database of a running service.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTaskport, temporaryFolder } from '../support/process.ts'

const command = (args: string[], input: string, DATA_DIR: string, script = 'scripts/user.ts') =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { ...process.env, DATA_DIR } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, said: out + err }),
    )
    child.stdin?.end(input)
  })

test('a forgotten password is reset, and everything that knew the old one ends', async () => {
  const DATA_DIR = temporaryFolder()
  const service = await startTaskport({ DATA_DIR })
  const post = (path: string, body: object, headers = {}) =>
    fetch(`${service.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const old = { email: 'Ada@example.org', password: 'a heron on the pier' }
  const signedIn = (await (await post('/auth/register', old)).json()) as {
    access_token: string
    refresh_token: string
  }
  await post(
    '/api-keys',
    { name: 'key', scopes: ['tasks:read'] },
    { Authorization: `Bearer ${signedIn.access_token}` },
  )

  expect(
    await command(['reset-password', 'nobody@example.org'], 'two herons on the pier\n', DATA_DIR),
  ).toMatchObject({
    code: 1,
    said: expect.stringContaining('no such account'),
  })
  for (const [input, reason] of [
    ['password\n', 'common'],
    ['short\n', 'The password takes 8 to 256 characters.'],
  ] as const)
    expect(await command(['reset-password', 'ada@example.org'], input, DATA_DIR)).toMatchObject({
      code: 1,
      said: expect.stringContaining(reason),
    })
  expect(await command(['reset'], '', DATA_DIR)).toMatchObject({
    code: 2,
    said: expect.stringContaining('usage'),
  })
  expect(
    await command(['reset-password', 'ada@example.org'], 'two herons on the pier\n', DATA_DIR),
  ).toMatchObject({ code: 0 })

  expect((await post('/auth/login', old)).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: signedIn.refresh_token })).status).toBe(401)
  const again = (await (
    await post('/auth/login', { ...old, password: 'two herons on the pier' })
  ).json()) as { access_token: string }
  const keys = (await (
    await fetch(`${service.url}/api/v1/api-keys`, {
      headers: { Authorization: `Bearer ${again.access_token}` },
    })
  ).json()) as { items: [] }
  expect(keys.items).toEqual([])
})

test('an account is made where nobody may register, and signs in', async () => {
  const DATA_DIR = temporaryFolder()
  const { url } = await startTaskport({ DATA_DIR, REGISTRATION: 'closed' })
  const ada = { email: 'Ada@example.org', password: 'a heron on the pier' }
  const post = (path: string) =>
    fetch(`${url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(ada),
    })
  expect((await post('register')).status).toBe(403)
  for (const [email, password, reason] of [
    ['ada', ada.password, 'An e-mail address has one @'],
    [ada.email, 'short', 'The password takes 8 to 256 characters.'],
    [ada.email, 'ada@example.org', 'The password is the e-mail address.'],
  ] as const)
    expect(await command(['add', email], password, DATA_DIR)).toMatchObject({
      code: 1,
      said: expect.stringContaining(reason),
    })
  expect(await command(['add', ada.email], `${ada.password}\n`, DATA_DIR)).toEqual({
    code: 0,
    said: 'Ada@example.org has an account.\n',
  })
  expect(await (await post('login')).json()).toMatchObject({
    user: { email: 'Ada@example.org', name: 'Ada' },
  })
  expect(await command(['add', 'ada@EXAMPLE.org'], ada.password, DATA_DIR)).toEqual({
    code: 1,
    said: 'taskport: There is an account of this e-mail address.\n',
  })
})

test('says how it is used, what is missing, and makes no database', async () => {
  const DATA_DIR = temporaryFolder()
  for (const args of [['--help'], ['add', '--help']])
    expect(await command(args, '', DATA_DIR)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^usage: npm run user -- list\n.*npm run user -- add EMAIL/s),
    })
  for (const args of [[], ['add'], ['toString', 'a@b'], ['add', 'a@b', 'c']])
    expect(await command(args, '', DATA_DIR)).toMatchObject({
      code: 2,
      said: expect.stringContaining('usage'),
    })
  expect(await command(['reset-password', 'ada@example.org'], '', DATA_DIR)).toEqual({
    code: 1,
    said: 'taskport: standard input is empty, where the password is expected\n',
  })
  const file = join(DATA_DIR, 'taskport.db')
  for (const name of ['add', 'reset-password'])
    expect(await command([name, 'ada@example.org'], 'a heron on the pier', DATA_DIR)).toEqual({
      code: 1,
      said: `taskport: DATA_DIR leads to ${file}, which does not exist: correct it, or start the service once, which makes it\n`,
    })
  expect(existsSync(file)).toBe(false)
})

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('no database that a command makes or opens can be read by others', async () => {
  const before = process.umask(0o022)
  onTestFinished(() => void process.umask(before))
  const DATA_DIR = temporaryFolder()
  const [file, copy] = [join(DATA_DIR, 'taskport.db'), join(DATA_DIR, 'copy.db')]
  expect(await command([], '', DATA_DIR, 'scripts/migrate.ts')).toMatchObject({ code: 0 })
  expect(modeOf(file)).toBe('600')
  expect(
    await command(
      ['--from', `file:${file}`, '--to', `file:${copy}`],
      '',
      DATA_DIR,
      'scripts/db-copy.ts',
    ),
  ).toMatchObject({ code: 0 })
  expect(modeOf(copy)).toBe('600')
  chmodSync(file, 0o644)
  expect(await command(['add', 'ada@example.org'], 'a heron on the pier', DATA_DIR)).toMatchObject({
    code: 0,
  })
  expect(modeOf(file)).toBe('600')
  chmodSync(file, 0o664)
  const service = await startTaskport({ DATA_DIR })
  expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
  service.child.kill('SIGKILL')
  await service.exit
  for (const path of [file, `${file}-wal`, `${file}-shm`]) chmodSync(path, 0o644)
  await startTaskport({ DATA_DIR })
  expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
})

test('users are listed, shown and deleted, also as JSON', async () => {
  const DATA_DIR = temporaryFolder()
  expect(await command([], '', DATA_DIR, 'scripts/migrate.ts')).toMatchObject({ code: 0 })
  for (const name of ['ada', 'bob'])
    await command(['add', `${name}@example.org`], 'a heron on the pier', DATA_DIR)
  const users = async () =>
    JSON.parse((await command(['list', '--json'], '', DATA_DIR)).said) as { id: string }[]
  const [ada, bob] = await users()
  expect([ada, bob]).toMatchObject([{ email: 'ada@example.org' }, { email: 'bob@example.org' }])
  const list = await command(['list'], '', DATA_DIR)
  expect(list.said).toMatch(/^E-MAIL .*\nada@example\.org +ada +2.*\nbob@example\.org +bob +2.*\n$/)
  expect(await command(['show', 'Ada@example.org'], '', DATA_DIR)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^id +\S+\ne-mail +ada@example\.org\n/),
  })
  expect(
    JSON.parse((await command(['show', ada?.id ?? '', '--json'], '', DATA_DIR)).said),
  ).toMatchObject({ email: 'ada@example.org', sessions: 0, has_password: true })
  expect(await command(['delete', 'ada@example.org'], '', DATA_DIR)).toMatchObject({
    code: 2,
    said: expect.stringContaining('delete needs --yes'),
  })
  expect(await command(['delete', 'ada@example.org', '--yes'], '', DATA_DIR)).toEqual({
    code: 0,
    said: 'ada@example.org is deleted, with 0 tasks and everything else.\n',
  })
  expect(await users()).toMatchObject([{ id: bob?.id }])
  for (const name of ['show', 'delete'])
    expect(await command([name, 'ada@example.org', '--yes'], '', DATA_DIR)).toMatchObject({
      code: 1,
      said: expect.stringContaining('no such account'),
    })
})

const hasTerminals = spawnSync('script', ['--version']).error === undefined
if (!hasTerminals) console.log('absent, so no password was typed: script')

/** Runs the command at a terminal, where `answers` are typed, each when it is asked for something. */
const atTerminal = async (args: string[], answers: string[], DATA_DIR: string) => {
  const line = [process.execPath, 'scripts/user.ts', ...args].join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...process.env, DATA_DIR, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  let asked = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if ([...said.matchAll(/(?:: |\] )/g)].length > asked && answers[asked] !== undefined)
      child.stdin.write(`${answers[asked++]}\r`)
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

test.skipIf(!hasTerminals)('a password that is typed is not shown, and typed twice', async () => {
  const DATA_DIR = temporaryFolder()
  await command([], '', DATA_DIR, 'scripts/migrate.ts')
  const [good, other] = ['a heron on the pier', 'a heron on the pie']
  const different = await atTerminal(['add', 'ada@example.org'], [good, other], DATA_DIR)
  expect(different).toMatchObject({ code: 1, said: expect.stringContaining('are not the same') })
  // With a slip that is taken back.
  const added = await atTerminal(['add', 'ada@example.org'], [good, `${other}x\u007fr`], DATA_DIR)
  expect(added).toMatchObject({ code: 0, said: expect.stringContaining('has an account') })
  expect(added.said + different.said).not.toMatch(/heron/)
  const interrupted = await atTerminal(['reset-password', 'ada@example.org'], ['\u0003'], DATA_DIR)
  expect(interrupted.code).toBe(130)
  const kept = await atTerminal(['delete', 'ada@example.org'], ['n'], DATA_DIR)
  expect(kept).toMatchObject({ code: 1, said: expect.stringContaining('nothing was deleted') })
  const deleted = await atTerminal(['delete', 'ada@example.org'], ['y'], DATA_DIR)
  expect(deleted).toMatchObject({ code: 0, said: expect.stringContaining('is deleted') })
})
