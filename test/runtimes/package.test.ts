// The package as npm packs it, installed in a folder of its own: its command, and what programs
// import from it.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import type { createService as declared } from '../../src/runtimes/node/embedded.d.mts'
import type { createService } from '../../src/runtimes/node/embedded.ts'
import { version } from '../../src/version.ts'
import { run } from '../support/process.ts'
import { until } from '../support/size.ts'

const ROOT = join(import.meta.dirname, '../..')
const PARTS = ['package.json', 'src', 'scripts', 'drizzle', 'README.md', 'LICENSE']

let folder: string
let app: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskport-package-'))
  const project = join(folder, 'project')
  app = join(folder, 'app')
  mkdirSync(project)
  for (const part of PARTS) cpSync(join(ROOT, part), join(project, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: project })
  const modules = join(app, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((name) => name !== '.bin'))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  execFileSync('tar', ['-xzf', join(folder, `taskport-${version}.tgz`), '-C', folder])
  renameSync(join(folder, 'package'), join(modules, 'taskport'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const cli = () => join(app, 'node_modules/taskport/dist/cli.js')
const taskport = (args: readonly string[], input = '') => {
  const env = { PATH: process.env['PATH'] }
  const options = { cwd: app, input, encoding: 'utf8', env } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli(), ...args], options)
  return { code: status, out: stdout, err: stderr }
}

test('the command says what it is, and refuses what it does not know', () => {
  expect(taskport(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  expect(taskport(['--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^usage: taskport \[--port PORT\].*taskport user …/s),
  })
  expect(taskport(['user', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^usage: taskport user list\n/),
  })
  expect(taskport(['usr'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^taskport: it takes options only.*\nusage: taskport /),
  })
  expect(existsSync(join(app, 'taskport-data'))).toBe(false)
})

test('the command serves with its data in the present folder, and the others find it there', async () => {
  const script = `cd "$APP" && exec "$NODE" "$CLI" --port 0 --host 127.0.0.1`
  const service = run('sh', ['-c', script], { APP: app, NODE: process.execPath, CLI: cli() })
  const url = () =>
    / is at (http:\/\/\S+?)\. .*taskport-data\/taskport\.db/.exec(service.err())?.[1]
  await until(() => url() !== undefined)
  for (const path of ['/ready', '/docs', '/assets/page.css', '/assets/swagger-ui-bundle.js'])
    expect([path, (await fetch(`${url()}${path}`)).status]).toEqual([path, 200])
  expect(taskport(['user', 'add', 'ada@example.org'], 'a heron on the pier')).toMatchObject({
    code: 0,
  })
  expect(JSON.parse(taskport(['user', 'list', '--json']).out)).toHaveLength(1)
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  expect(taskport(['db:migrate'])).toMatchObject({ code: 0, out: 'nothing was missing\n' })
})

const host = `
  import { Hono } from 'hono'
  import { createService } from 'taskport'
  const log = []
  const env = { DATA_DIR: './mounted-data', BACKUP_URL: 'file:./mounted-backups' }
  const service = await createService({ env, basePath: '/tasks/', log: (line) => log.push(line) })
  const app = new Hono().get('/hello', (c) => c.text('hello')).route('/tasks', service.app)
  const post = async (path, body, token = '') => {
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token }
    const answer = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: answer.status, body: await answer.json() }
  }
  const ada = { email: 'ada@example.org', password: 'a heron on the pier' }
  const { status, body } = await post('/tasks/api/v1/auth/register', ada)
  const task = await post('/tasks/api/v1/tasks', { title: 'Mounted' }, body.access_token)
  const statuses = {}
  for (const path of ['/hello', '/tasks', '/tasks/ready', '/tasks/docs', '/tasksready', '/ready'])
    statuses[path] = (await app.request(path)).status
  const direct = (await service.fetch(new Request('http://localhost/tasks/ready'))).status
  await service.close()
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')
  const faults = await createService({ env: { PORT: 'x', WORKERS: 'y' } }).catch((e) => e.message)
  const several = await createService({ env: { WORKERS: '2' } }).catch((e) => e.message)
  const errors = log.filter((line) => JSON.parse(line).level === 'error')
  console.log(JSON.stringify({ status, task, statuses, direct, timers, faults, several, errors }))`

test('a service is mounted in a Hono app of others, and closed; the process then ends by itself', () => {
  writeFileSync(join(app, 'host.mjs'), host)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['host.mjs'], {
    cwd: app,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    status: 201,
    task: { status: 201, body: expect.objectContaining({ title: 'Mounted' }) },
    statuses: {
      '/hello': 200,
      '/tasks': 200,
      '/tasks/ready': 200,
      '/tasks/docs': 200,
      '/tasksready': 404,
      '/ready': 404,
    },
    direct: 200,
    timers: [],
    faults: expect.stringMatching(/^PORT .*\nWORKERS /),
    several: expect.stringContaining('WORKERS is for the service by itself'),
    errors: [],
  })
  expect(existsSync(join(app, 'mounted-data/taskport.db'))).toBe(true)
})

test('its types are those of its source', () => {
  expectTypeOf<typeof createService>().toEqualTypeOf<typeof declared>()
})
