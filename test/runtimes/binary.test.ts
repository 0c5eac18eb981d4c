// The single file that `npm run build:binary` makes, also where there is nothing else: no PATH, an
// empty folder, and a home that cannot be written to.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { version } from '../../src/version.ts'
import { clientsOf } from '../support/client.ts'
import { until } from '../support/size.ts'
import { describeMachine } from './machine.ts'
import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const ROOT = join(import.meta.dirname, '../..')
const BUILT = join(ROOT, 'dist-binary/taskport')
/** Root may write everywhere, so that another user runs it then. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

let folder: string
beforeAll(() => {
  const build = ['--import', './scripts/node/start.mjs', 'scripts/build-binary.ts']
  execFileSync(process.execPath, build, { cwd: ROOT, stdio: 'inherit' })
  console.log(`the single file has ${(statSync(BUILT).size / 1e6).toFixed(0)} MB`)
  folder = mkdtempSync(join(tmpdir(), 'taskport-binary-'))
  chmodSync(folder, 0o755)
  copyFileSync(BUILT, join(folder, 'taskport'))
  mkdirSync(join(folder, 'home'))
  chmodSync(join(folder, 'home'), 0o555)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Of JavaScript, as Bun names them: that of the checkpoints and that of long reads. */
const threadsOf = (pid: number | undefined): number =>
  readdirSync(`/proc/${pid}/task`).filter(
    (thread) => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim() === 'Worker',
  ).length

/** An empty folder of that user, and how to run the file in it. */
const place = () => {
  const cwd = mkdtempSync(join(folder, 'cwd-'))
  if (NOBODY.uid !== undefined) chownSync(cwd, NOBODY.uid, NOBODY.gid)
  const options = { cwd, env: { PATH: '', HOME: join(folder, 'home') }, ...NOBODY }
  const program = join(folder, 'taskport')
  return {
    cwd,
    ask: (args: readonly string[], input = '', env = {}) => {
      const { status, stdout, stderr } = spawnSync(program, args, {
        ...options,
        env: { ...options.env, ...env },
        encoding: 'utf8',
        input,
      })
      return { code: status, out: stdout, err: stderr }
    },
    serve: async (args: readonly string[]) => {
      const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
      const exit = once(child, 'close').then(([code]) => code as number | null)
      onTestFinished(async () => {
        child.kill('SIGKILL')
        await exit
      })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text
      })
      const url = () => / is at (http:\/\/\S+?)\. .*taskport-data\/taskport\.db/.exec(said)?.[1]
      await until(() => url() !== undefined || child.exitCode !== null)
      return { url: url() ?? `it did not start: ${said}`, child, exit }
    },
  }
}

test('it says what it is, and refuses what it does not know, and makes nothing', () => {
  const { cwd, ask } = place()
  expect(ask(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  expect(ask(['--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^usage: taskport \[--port PORT\].*taskport user …/s),
  })
  expect(ask(['user', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^usage: taskport user list\n/),
  })
  expect(ask(['usr'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^taskport: it takes options only.*\nusage: taskport /),
  })
  for (const WORKERS of ['2', 'auto'])
    expect(ask([], '', { WORKERS })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^taskport: WORKERS is for Node only: [^\n]+\n/),
    })
  expect(readdirSync(cwd)).toEqual([])
})

test('it serves with nothing else: its data in the present folder, its pages, migrations and threads inside', async () => {
  const { cwd, ask, serve } = place()
  // Bun would read both by itself.
  writeFileSync(join(cwd, '.env'), 'PORT=none')
  writeFileSync(join(cwd, 'bunfig.toml'), 'preload = ["./none.ts"]')
  const { url, child, exit } = await serve(['--port', '0', '--host', '127.0.0.1'])
  for (const path of ['/ready', '/', '/docs', '/assets/page.css', '/assets/swagger-ui-bundle.js'])
    expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200])
  const bob = await clientsOf((path, init) => fetch(`${url}${path}`, init)).register('Bob')
  const many = 70 // more commits than there are between two checkpoints
  for (let i = 0; i < many; i++)
    expect((await bob.post('/api/v1/tasks', { title: `Inside ${i}` })).status).toBe(201)
  expect((await bob.get('/api/v1/tasks?limit=200&sort=title')).body.items).toHaveLength(many)
  if (process.platform === 'linux') await until(() => threadsOf(child.pid) === 2)
  expect(ask(['user', 'add', 'ada@example.org'], 'a heron on the pier')).toMatchObject({ code: 0 })
  expect(JSON.parse(ask(['user', 'list', '--json']).out)).toHaveLength(2)
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  expect(readdirSync(cwd).sort()).toEqual(['.env', 'bunfig.toml', 'taskport-data'])
  expect(ask(['db:migrate'])).toMatchObject({ code: 0, out: 'nothing was missing\n' })
  mkdirSync(join(cwd, 'copies'))
  chmodSync(join(cwd, 'copies'), 0o777)
  const copies = { BACKUP_URL: `file:${join(cwd, 'copies')}` }
  for (const command of ['backup', 'backup:verify'])
    expect([command, ask([command], '', copies)]).toMatchObject([command, { code: 0 }])
})

test('where it cannot unpack the native part of libSQL it says what to do', () => {
  const { cwd, ask } = place()
  expect(ask(['--port', '0'], '', { TMPDIR: join(cwd, 'none') })).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /^taskport: the native part of libSQL cannot be loaded \([^\n]+\): as a single file set TMPDIR to [^\n]+\n/,
    ),
  })
})

describeRuntime({
  name: 'a single file',
  databases: DATABASES,
  // In the project's folder Bun would find packages that the file lacks.
  start: starterOf(BUILT, [], tmpdir()),
  resets: true,
})
describeMachine('a single file', BUILT, [])
