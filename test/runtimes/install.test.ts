// What is said where the installation lacks something: a sentence, and no stack.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

/** The project in a folder of its own, with these packages. */
const projectWith = (packages: readonly string[]): string => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  for (const name of ['package.json', 'src', 'scripts', 'drizzle', 'bench'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const name of packages) {
    const place = join(folder, 'node_modules', name)
    mkdirSync(join(place, '..'), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), place)
  }
  return folder
}
const everyPackage = readdirSync(join(ROOT, 'node_modules')).filter((name) => name !== '.bin')

const runIn = (cwd: string, script: string, as?: number, env: NodeJS.ProcessEnv = process.env) => {
  const [command = '', ...args] = script.replace(/^exec /, '').split(' ')
  const { status, stdout, stderr } = spawnSync(
    command === 'node' ? process.execPath : command,
    args,
    { cwd, env, encoding: 'utf8', ...(as !== undefined && { uid: as, gid: as }) },
  )
  return { status, stdout, stderr }
}

const ours = Object.entries(manifest.scripts).filter(([, script]) => script.includes('start.mjs'))

test('without npm ci every program says to run it', () => {
  const folder = projectWith([])
  for (const [name, script] of ours)
    expect({ name, ...runIn(folder, script) }).toEqual({
      name,
      status: 1,
      stdout: '',
      stderr: 'taskport: the packages are not installed: run npm ci first\n',
    })
})

test('after an npm ci that stopped half-way they say what is missing', () => {
  const all = Object.keys(manifest.dependencies)
  const folder = projectWith(all.filter((name) => !['hono', 'zod'].includes(name)))
  expect(runIn(folder, manifest.scripts.build)).toMatchObject({
    status: 1,
    stderr:
      'taskport: the packages are not all installed, hono, zod are missing: run npm ci first\n',
  })
})

test.each(['bun', 'deno'] as const)('without a %s its script says what brings one', (runtime) => {
  const script = manifest.scripts[`prestart:${runtime}`]
  expect(runIn(projectWith([]), script).stderr).toBe(
    'taskport: the packages are not installed: run npm ci first\n',
  )
  const folder = projectWith(everyPackage)
  expect(runIn(folder, script, undefined, { PATH: folder })).toEqual({
    status: 1,
    stdout: '',
    stderr: `taskport: ${runtime} is not installed: run npm ci --include=dev, which brings it, or install your own\n`,
  })
  writeFileSync(join(folder, runtime), '')
  expect(runIn(folder, script, undefined, { PATH: folder }).status, 'one of their own').toBe(0)
})

test.each(['18.20.8', '20.10.0', '16.0.0'])(
  'Node %s is refused before anything else',
  (version) => {
    const folder = projectWith([])
    const pretend = `--import=data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`
    const scripts = [manifest.scripts.build, manifest.scripts.test.split(' && ')[0] ?? '']
    for (const script of scripts)
      expect(
        runIn(folder, script, undefined, { ...process.env, NODE_OPTIONS: pretend }),
      ).toMatchObject({
        status: 1,
        stdout: '',
        stderr: `taskport: Node ${version} is too old, it takes 20.11 or newer: https://nodejs.org has one\n`,
      })
  },
)

test('a bundle without its packages says what to do, and does not blame the database', () => {
  const folder = projectWith(everyPackage)
  expect(runIn(folder, manifest.scripts.build)).toMatchObject({ status: 0 })
  rmSync(join(folder, 'node_modules'), { recursive: true })
  for (const DATABASE_URL of ['', 'postgres://me@127.0.0.1:1/x', 'mysql://me@127.0.0.1:1/x']) {
    const env = { ...process.env, PORT: '0', DATA_DIR: join(folder, 'data'), DATABASE_URL }
    const { status, stderr } = runIn(folder, 'node dist/server.js', undefined, env)
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^taskport: the package [\w@/-]+ is not installed: run npm ci in the folder of Taskport\n$/,
      ),
    })
  }
})

describe.skipIf(!isRoot)('another user', () => {
  test.each([
    ['build', 'dist'],
    ['build:binary', 'dist-binary'],
    ['build:worker', 'dist-worker'],
  ] as const)('cannot %s over what is there, and is told where', (script, output) => {
    const folder = projectWith(everyPackage)
    for (const made of [output, join(output, 'script')]) mkdirSync(join(folder, made))
    const { status, stderr } = runIn(folder, manifest.scripts[script], NOBODY)
    expect(stderr).toMatch(
      new RegExp(
        `^taskport: user \\w+ cannot write to ${join(folder, output)}, where the build goes: [^\\n]+\\n$`,
      ),
    )
    expect(status).toBe(1)
  })

  test('builds into a folder of their own', () => {
    const folder = projectWith(everyPackage)
    mkdirSync(join(folder, 'dist'))
    for (const place of ['.', 'dist']) chownSync(join(folder, place), NOBODY, NOBODY)
    expect(runIn(folder, manifest.scripts.build, NOBODY)).toMatchObject({ status: 0, stderr: '' })
  })
})
