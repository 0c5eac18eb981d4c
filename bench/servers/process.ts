// Processes that are measured: started, awaited until they answer, ended by SIGTERM.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createDeferred } from '../../src/core/deferred.ts'

export const ROOT = join(import.meta.dirname, '../..')

export type Server = {
  readonly url: string
  readonly pid: number
  /** From the start of the process to its first answer, in milliseconds. */
  readonly readyMs: number
  stop(): Promise<void>
}

export type Command = {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What is asked first. */
  readonly path: string
  /** How it says where it is: the address is the first group. */
  readonly says?: RegExp
  readonly cwd?: string
}

const ADDRESS = / is at (http:\/\/[\w.:[\]-]+:\d+)/

export const startServer = async ({
  command,
  args,
  env = {},
  path,
  says = ADDRESS,
  cwd = ROOT,
}: Command): Promise<Server> => {
  const began = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    // The log goes to standard output; nobody reads it. A group of its own, so that a command with
    // children is ended as a whole.
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const { pid = NaN } = child // of a command that cannot be started: then `addressOf` says so
  const stop = async () => {
    running.delete(pid)
    if (Number.isNaN(pid) || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    process.kill(-pid, 'SIGTERM')
    await closed
  }
  running.add(pid)
  try {
    const url = await addressOf(child, says)
    const response = await fetch(`${url}${path}`)
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return { url, pid, readyMs: performance.now() - began, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Groups of processes that have to end with this one: a service that stayed would be measured along
 * with the next run.
 */
const running = new Set<number>()
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    for (const pid of running)
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {} // it has just ended
    process.exit(status)
  })

const MOST_TO_START_MS = 120_000

/**
 * The address that the process says it is at. Throws what it said instead, when it ends or in two
 * minutes.
 */
const addressOf = async (child: ChildProcess, says: RegExp): Promise<string> => {
  let said = ''
  const { promise, resolve, reject } = createDeferred<string>()
  const timer = setTimeout(
    () => reject(new Error(`it does not say where it is: ${said}`)),
    MOST_TO_START_MS,
  )
  child.once('error', reject)
  child.once('close', () => reject(new Error(`it did not start: ${said}`)))
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text
    const url = says.exec(said)?.[1]
    if (url !== undefined) resolve(url)
  })
  return promise.finally(() => clearTimeout(timer))
}

export const isInstalled = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
