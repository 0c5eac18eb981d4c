// The processes that are measured: the service, started as its users start it, and the bare app beside it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

export type Server = {
  readonly url: string
  /** From the start of the process to its first answer, in milliseconds. */
  readonly readyMs: number
  /** Resident memory, in MB (10^6 bytes). */
  rss(): number
  /** Ends it in the way that a platform does, by SIGTERM; answers its exit code. */
  stop(): Promise<number | null>
}

type Start = { readonly dataDir: string; readonly env?: Record<string, string>; readonly nodeOptions?: readonly string[] }

/** Nothing is switched off but the rate limits, and the quota of tasks is far away; what it logs is thrown away. */
export const startService = ({ dataDir, env = {}, nodeOptions = [] }: Start): Promise<Server> =>
  start([...nodeOptions, 'src/runtimes/node.ts'], '/ready', {
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    RATE_LIMIT: 'off',
    QUOTA_TASKS: '1000000000',
    ...env,
  })

/** The bare app, which answers what the file at `answers` says. */
export const startBare = (answers: string): Promise<Server> => start(['bench/bare.ts', answers], '/health', {})

const start = async (args: readonly string[], path: string, env: Record<string, string>): Promise<Server> => {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const url = await addressOf(child)
  const response = await fetch(`${url}${path}`)
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  const readyMs = performance.now() - began
  return {
    url,
    readyMs,
    rss: () => rssOf(child.pid as number),
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      return (await closed)[0] as number | null
    },
  }
}

/** The address that the process says it is at. Throws what it said instead. */
const addressOf = async (child: ChildProcess): Promise<string> => {
  let said = ''
  const closed = once(child, 'close').then(() => true)
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  for (let over = false; ; ) {
    const url = / is at (http:\/\/[\w.:[\]-]+:\d+)/.exec(said)?.[1]
    if (url) return url
    if (over || child.stderr === null) throw new Error(`it did not start: ${said}`)
    over = (await Promise.race([once(child.stderr, 'data'), closed])) === true
  }
}

const rssOf = (pid: number): number => {
  if (!existsSync(`/proc/${pid}`)) return 0
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number(kilobytes) * 1024) / 1e6
}
