// Runtimes that are processes of this machine.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { patience } from '../support/size.ts'
import type { Started, StartOptions } from './suite.ts'

const ROOT = join(import.meta.dirname, '../..')

type StartedProcess = Started & { readonly child: ChildProcess }

/**
 * Starts a command in `cwd`, the project's folder without it, with exactly these variables (and
 * PATH, HOME, NODE_COMPILE_CACHE); answers when it says where it is.
 */
export const startProcess = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = ROOT,
): Promise<StartedProcess> => {
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...patience,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let over = false
  const closed = once(child, 'close').then(([code]) => {
    over = true
    return code as number | null
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  const url = () => / is at (http:\/\/[\w.:[\]-]+:\d+)/.exec(said)?.[1]
  while (!url() && !over) await Promise.race([once(child.stderr, 'data'), closed])
  const found = url()
  if (found === undefined) throw new Error(`it did not start: ${said}`)
  return {
    child,
    url: found,
    said: () => said,
    stop: () => {
      child.kill('SIGTERM')
      return closed
    },
  }
}

/** What an npm script runs, as users get it: the command, and its arguments. */
export const commandOf = (
  script: 'start' | 'start:bun' | 'start:deno',
): readonly [string, readonly string[]] => {
  const [command = '', ...args] = manifest.scripts[script].replace(/^exec /, '').split(' ')
  return [command === 'node' ? process.execPath : command, args]
}

/** The `start` of a runtime whose command serves on a free port of loopback. */
export const starterOf =
  (command: string, args: readonly string[], cwd?: string) =>
  ({ database, env = {} }: StartOptions): Promise<StartedProcess> =>
    startProcess(
      command,
      args,
      { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: database, ...env },
      cwd,
    )

/** Databases that a process of this machine can use. */
export const DATABASES = ['libSQL file', 'Postgres', 'MariaDB', 'libSQL server'] as const
