// Every npm script that is a program of this repository says what it does when it is asked, and
// does nothing then; so it does where it is not understood.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { helpOf } from '../../src/runtimes/node/command-line.ts'
import { serviceProgram } from '../../src/runtimes/node/service-program.ts'
import { version } from '../../src/version.ts'
import { temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const BEFORE = '--import ./scripts/node/start.mjs '

/** What is run, by the name of its npm script. `npm start` runs the bundle of its entry. */
const programs: Record<string, string> = {
  start: 'src/runtimes/node.ts',
  ...Object.fromEntries(
    Object.entries(manifest.scripts)
      .filter(([name, script]) => script.includes(BEFORE) && name !== 'prestart')
      .map(([name, script]) => [name, script.split(BEFORE)[1] as string]),
  ),
}
const names = Object.keys(programs)

type Ended = { readonly code: number; readonly out: string; readonly err: string }

const node = (args: readonly string[], DATA_DIR: string, more: Record<string, string> = {}) =>
  new Promise<Ended>((resolve) => {
    const env = { ...process.env, DATA_DIR, ...more }
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

/**
 * Runs programs one after the other in one process, which loads what they share once, and answers
 * how each ended. Not for those that end their process.
 */
const runAll = async (
  files: readonly string[],
  args: readonly string[],
  dataDir: string,
): Promise<Ended[]> => {
  const source = `
    const ended = []
    let out, err
    console.log = (line) => { out += line + '\\n' }
    console.error = (line) => { err += line + '\\n' }
    for (const file of ${JSON.stringify(files)}) {
      out = err = ''
      process.exitCode = 0
      process.argv = [process.execPath, file, ...${JSON.stringify(args)}]
      await import(file)
      ended.push({ code: process.exitCode, out, err })
    }
    process.exitCode = 0
    process.stdout.write(JSON.stringify(ended))`
  const { out, err } = await node(['--input-type=module', '--eval', source], dataDir)
  if (out === '') throw new Error(err)
  return JSON.parse(out)
}

const runEach = async (args: readonly string[], dataDir: string): Promise<Map<string, Ended>> => {
  const [start = '', ...others] = Object.values(programs)
  const ended = await Promise.all([
    node([start, ...args], dataDir).then((ended) => [ended]),
    runAll(
      others.map((file) => join(ROOT, file)),
      args,
      dataDir,
    ),
  ])
  return new Map(ended.flat().map((each, i) => [names[i] as string, each]))
}

test('the scripts of package.json are known: what is no program of ours is a tool of others', () => {
  const others = Object.entries(manifest.scripts).filter(([, script]) => !script.includes(BEFORE))
  expect(names).toEqual(expect.arrayContaining(['user', 'backup', 'restore', 'db:migrate', 'dev']))
  for (const [name, script] of others)
    expect([name, /\bscripts\/\S+\.ts|bench\/\S+\.ts/.test(script)]).toEqual([name, false])
})

const shown = (name: string): string => (name === 'start' ? 'npm start' : `npm run ${name}`)

test('--help shows how a program is used, and does nothing', async () => {
  const folder = temporaryFolder()
  const ended = await runEach(['--help'], join(folder, 'data'))
  expect([...ended.keys()]).toEqual(names)
  for (const [name, { code, out, err }] of ended) {
    expect({ name, code, err }).toEqual({ name, code: 0, err: '' })
    expect(out.slice(0, 80)).toMatch(new RegExp(`^usage: ${shown(name)}[ \n]`))
    const headings = [...out.matchAll(/^([A-Z][\w ]+):$/gm)].map(([, heading]) => heading)
    expect([name, headings]).toEqual([name, ['Options', 'Examples', 'Exit codes']])
    expect(out).toMatch(/^ {2}--help +shows this help/m)
  }
  expect(readdirSync(folder)).toEqual([])
})

test('what a program does not know is refused with its usage and 2, and nothing is done', async () => {
  const folder = temporaryFolder()
  const ended = await runEach(['--hepl', '--dryrun=1'], join(folder, 'data'))
  for (const [name, { code, err }] of ended) {
    expect({ name, code }).toEqual({ name, code: 2 })
    expect(err.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^(taskport|db:copy): --hepl is not an option$/),
      expect.stringMatching(new RegExp(`^usage: ${shown(name)}( |$)`)),
    ])
  }
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  ['start', 'port', '--port PORT'],
  ['db:migrate', 'dry_run', '--dry-run'],
])(
  'npm run %s with an option that npm takes for itself: nothing is done',
  async (name, option, form) => {
    const folder = temporaryFolder()
    const env = { npm_lifecycle_event: name, [`npm_config_${option}`]: 'true' }
    const { code, err } = await node([programs[name] ?? ''], join(folder, 'data'), env)
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining(`for itself: write ${shown(name)} -- ${form}\nusage: `),
    })
    expect(readdirSync(folder)).toEqual([])
  },
)

test('npm start -- --version prints the version', async () => {
  const { code, out, err } = await node([programs['start'] ?? '', '--version'], temporaryFolder())
  expect({ code, out, err }).toEqual({ code: 0, out: `${version}\n`, err: '' })
})

test('help fits a terminal', () => {
  const lines = helpOf(serviceProgram('npm start')).split('\n')
  expect(lines.filter((line) => line.length > 100)).toEqual([])
})
