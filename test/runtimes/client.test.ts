// The package taskport-client as npm packs it, on every platform that it is for, with a real
// service.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumAbsent, openChromium } from '../support/chromium.ts'
import { clientsOf } from '../support/client.ts'
import { run, startTaskport } from '../support/process.ts'
import { until } from '../support/size.ts'
import { startControlled } from './client/controlled.ts'

const ROOT = join(import.meta.dirname, '../..')
const HELD = 'the client holds'

/** What its README shows first. */
const example = (readFileSync(join(ROOT, 'clients/typescript/README.md'), 'utf8').match(
  /```ts\n([\s\S]*?)```/,
) ?? [])[1] as string

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskport-client-'))
  const source = join(ROOT, 'clients/typescript')
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'taskport-client'), { recursive: true })
  const unpacked = ['--strip-components=1', '-C', join(modules, 'taskport-client')]
  execFileSync('tar', ['-xzf', 'taskport-client-0.1.0.tgz', ...unpacked], { cwd: folder })
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers'])
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  cpSync(join(import.meta.dirname, 'client'), folder, { recursive: true })
  // Deno looks there for what may be imported.
  const manifest = { type: 'module', dependencies: { 'taskport-client': '*' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['Node', process.execPath, []],
  ['Bun', 'bun', []],
  ['Deno', 'deno', ['run', '--allow-net', '--allow-read', '--allow-env', '--no-lock']],
] as const)('in %s', async (_, command, args) => {
  const { url, control } = await startControlled()
  const { exit, out, err } = run(command, [...args, join(folder, 'main.mjs'), url, control], {
    HOME: process.env['HOME'] ?? '',
  })
  expect(await exit, err()).toBe(0)
  expect(out()).toBe(`${HELD}\n`)
})

if (chromiumAbsent) console.log(`taskport-client in Chromium is skipped: ${chromiumAbsent}`)
test.skipIf(chromiumAbsent !== undefined)(
  'in Chromium, from a page of another origin',
  async () => {
    const { url, control } = await startControlled()
    const outfile = join(folder, 'bundle.js')
    const entryPoints = [join(folder, 'scenario.mjs')]
    await build({ entryPoints, outfile, bundle: true, format: 'iife', globalName: 'client' })
    const page = await (await openChromium()).newPage()
    await page.goto(`${control}/page`)
    await page.addScriptTag({ path: outfile })
    const held = page.evaluate(`client.run(${JSON.stringify({ url, control })})`)
    expect(await held).toBe(HELD)
  },
)

test.each([
  ['the newest TypeScript', 'node_modules/typescript'],
  ['TypeScript 5', 'tools/openapi-typescript/node_modules/typescript'],
])('the example of the README compiles with %s', (_, typescript) => {
  writeFileSync(join(folder, 'example.mts'), example)
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023']
  const resolve = ['--module', 'nodenext', '--lib', 'es2023,dom', 'example.mts']
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, typescript, 'bin/tsc'), ...options, ...resolve],
    { cwd: folder, encoding: 'utf8' },
  )
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

test('the example of the README does what it says', async () => {
  const { url } = await startTaskport()
  const program = example.replace('http://localhost:7860', url)
  writeFileSync(join(folder, 'example.mts'), `${program}\nconsole.log(id)\n`)
  const { child, out, err } = run(process.execPath, [join(folder, 'example.mts')], {})
  // It follows until it is ended.
  await until(() => out().trimEnd().endsWith('current') || child.exitCode !== null)
  expect(err()).toBe('')
  const [id] = /^[0-9a-f-]{36}$/m.exec(out()) ?? []
  const { anonymous, client } = clientsOf((path, init) => fetch(`${url}${path}`, init))
  const account = { email: 'ada@example.org', password: 'a heron on the pier' }
  const { body } = await anonymous.post('/api/v1/auth/login', account)
  await until(async () => {
    const task = (await client(body.access_token).get(`/api/v1/tasks/${id}`)).body
    return task.title === 'Sweep the chimney' && task.priority === 'high'
  })
})
