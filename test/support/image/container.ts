import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { runToEnd } from '../servers/process.ts'
import { until } from '../size.ts'
import type { Engine } from './engine.ts'

type Executed = { readonly code: number | null; readonly out: string; readonly err: string }
export type Container = {
  readonly name: string
  /** What the process has said: its log, and what it says to people. */
  readonly out: () => string
  readonly err: () => string
  /** Ends as a platform does it, and answers the exit code. */
  stop(): Promise<number | null>
  readonly exit: Promise<number | null>
  /** Runs a command inside, as the image's user. */
  exec(command: readonly string[], input?: string): Promise<Executed>
}

export type Options = {
  readonly image: string
  readonly env?: Readonly<Record<string, string>>
  /** Further options of `run`. */
  readonly options?: readonly string[]
  /** `host`, or `none` where only `exec` reaches the service. */
  readonly network?: 'host' | 'none'
  /** Instead of a read-only root. */
  readonly writable?: boolean
}

/** Starts a container without rights on a read-only root; it is removed behind the test. */
export const runContainer = (
  engine: Engine,
  { image, env = {}, options = [], network = 'host', writable = false }: Options,
): Container => {
  const name = `taskport-${randomUUID()}`
  const [command, ...client] = engine.client
  const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const confined = [
    '--network',
    network,
    '--cap-drop',
    'all',
    ...(writable ? [] : ['--read-only', '--tmpfs', '/tmp']),
  ]
  const usual = ['run', '--rm', '--name', name, '--pull=never', '--no-healthcheck', ...confined]
  const child: ChildProcess = spawn(
    command,
    [...client, ...usual, ...engine.runOptions, ...variables, ...options, image],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let [out, err] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    err += chunk
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    await runToEnd(command, [...client, 'rm', '--force', name]).catch(() => {}) // it may have ended
    await exit
  })
  return {
    name,
    out: () => out,
    err: () => err,
    exit,
    stop: () => {
      child.kill('SIGTERM')
      return exit
    },
    exec: async (inside, input = '') => {
      const process = spawn(command, [...client, 'exec', '--interactive', name, ...inside], {
        stdio: 'pipe',
      })
      process.stdin.end(input)
      const [said, complained, [code]] = await Promise.all([
        text(process.stdout),
        text(process.stderr),
        once(process, 'close'),
      ])
      return { code, out: said, err: complained }
    },
  }
}

/**
 * Starts the service and waits until it listens; answers its address on the host. Throws its exit
 * code and what it said when it does not start.
 */
export const startContainer = async (
  engine: Engine,
  options: Options,
): Promise<Container & { url: string }> => {
  const container = runContainer(engine, options)
  let over = false
  container.exit.then(() => {
    over = true
  })
  const port = () => / is at http:\/\/[^ ]+?:(\d+)\. /.exec(container.err())?.[1]
  // The client's streams are not the container's: what has been said is looked at until it is
  // enough.
  await until(() => port() !== undefined || over)
  const found = port()
  if (found === undefined)
    throw new Error(`it ended with ${await container.exit}: ${container.err()}`)
  return { ...container, url: `http://127.0.0.1:${found}` }
}
