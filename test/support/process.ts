import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type CommandName, commandFile } from '../../src/runtimes/node/command-files.ts'
import { patience } from './size.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A folder of packages is large, and takes a busy disk its time. */
const REMOVAL_MS = 3_600_000

/** A folder of its own for a test, removed behind it. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }), REMOVAL_MS)
  return folder
}

export type Run = {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
}

/**
 * Starts a command in the project's folder with exactly these variables (and PATH); it is killed
 * behind the test.
 */
export const run = (command: string, args: readonly string[], env: Record<string, string>): Run => {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return { child, out: () => out, err: () => err, exit }
}

/**
 * What tests start, built anew before them (`servers/setup.ts`): the service as `npm start` runs it,
 * the commands, and programs of the tests. A start takes a third of what one from the source takes,
 * and a command a fifth.
 */
export const BUNDLE_FOLDER = '.cache/test-bundle'
export const MIGRATOR = `${BUNDLE_FOLDER}/migrator.js`
/** A command of operators, by the name of its npm script. */
export const bundleOf = (command: CommandName): string => `${BUNDLE_FOLDER}/${commandFile(command)}`
const BUNDLE = `${BUNDLE_FOLDER}/server.js`
export const runTaskport = (env: Record<string, string>, entry = BUNDLE): Run =>
  run(process.execPath, [entry], env)

/**
 * Starts the service on a free port; answers its address once it listens. Throws what it said when
 * it does not start.
 */
export const startTaskport = async (
  env: Record<string, string> = {},
  entry = BUNDLE,
): Promise<Run & { url: string }> => {
  const started = runTaskport(
    { PORT: '0', HOST: '127.0.0.1', DATA_DIR: temporaryFolder(), ...patience, ...env },
    entry,
  )
  const url = () => / is at (http:\/\/[^ ]+?)\.? /.exec(`${started.err()} `)?.[1]
  let over = false
  started.exit.then(() => {
    over = true
  })
  while (!url() && !over)
    await Promise.race([once(started.child.stderr ?? started.child, 'data'), started.exit])
  const found = url()
  if (!found) throw new Error(`it did not start: ${started.err()}`)
  return { ...started, url: found }
}
