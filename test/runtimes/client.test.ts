// The package taskport-client as npm packs it, on every platform that it is for, with a real
// service.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumAbsent, openChromium } from '../support/chromium.ts'
import { run } from '../support/process.ts'
import { startControlled } from './client/controlled.ts'

const ROOT = join(import.meta.dirname, '../..')
const HELD = 'the client holds'

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
  expect({ code: await exit, out: out(), err: err() }).toMatchObject({ code: 0, out: `${HELD}\n` })
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
