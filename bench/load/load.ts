// Load from a process of its own: wrk as fast as it can, our own generator at a constant rate.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { isInstalled } from '../servers/process.ts'
import { temporaryFolder, undoing } from '../temporary.ts'
import { type Ask, type Fill, type Pieces, piecesOf } from './requests.ts'
import { byWrk } from './wrk.ts'

const run = promisify(execFile)
export const CONNECTIONS = 32

/** What is to be sent, round and round; `tokens` are the people's, by their numbers. */
export type Order = {
  readonly url: string
  readonly asks: readonly Ask[]
  readonly tokens: readonly string[]
  readonly fill?: Fill | undefined
  readonly seconds: number
  readonly connections?: number | undefined
  /**
   * Requests a second, whether or not earlier ones are answered. Without it: each connection asks
   * when it has its answer.
   */
  readonly rate?: number
}

/** The same as a generator takes it. */
export type Job = {
  readonly host: string
  readonly requests: readonly Pieces[]
  readonly fill?: Fill | undefined
  readonly seconds: number
  readonly connections: number
  readonly rate?: number | undefined
}

/**
 * What came of it; times in milliseconds. `failures` counts everything that was not a 2xx, by kind.
 */
export type Raw = {
  readonly requests: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failures: Readonly<Record<string, number>>
}
export type Load = Omit<Raw, 'failures'> & {
  readonly failed: number
  /** CPU time that the generator took for a request, in microseconds. */
  readonly generatorMicros: number
}

/** Throws where wrk, which most loads come from, is not installed. */
export const requireWrk = (): void => {
  if (!isInstalled('wrk'))
    throw new Refusal('wrk is not on the PATH: install it (the package wrk of Debian and Homebrew)')
}

export const load = async ({
  url,
  asks,
  tokens,
  fill,
  seconds,
  connections = CONNECTIONS,
  rate,
}: Order): Promise<Load> => {
  return undoing(async (later) => {
    const folder = temporaryFolder(later)
    const { host } = new URL(url)
    const requests = asks.map((ask) => piecesOf(host, ask, tokens, fill))
    const job: Job = { host, requests, fill, seconds, connections, rate }
    const before = childrenCpuMs()
    const { failures, ...rest } = await (rate === undefined ? byWrk : byGenerator)(job, folder)
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
    if (failed > 0)
      console.error(`${asks[0]?.method} ${asks[0]?.path} at ${url}: ${JSON.stringify(failures)}`)
    return { ...rest, failed, generatorMicros: ((childrenCpuMs() - before) * 1000) / rest.requests }
  })
}

/**
 * It takes a core already: threads that clean up behind it would take the other one from what is
 * measured.
 */
const ALONE = ['--single-threaded', '--max-semi-space-size=64']

const byGenerator = async (job: Job, folder: string): Promise<Raw> => {
  const file = join(folder, 'load.json')
  writeFileSync(file, JSON.stringify(job))
  const { stdout } = await run(process.execPath, [
    ...ALONE,
    join(import.meta.dirname, 'generator.ts'),
    file,
  ])
  return JSON.parse(stdout) as Raw
}

/**
 * Of children that have ended, as Linux counts it in hundredths of a second (proc_pid_stat(5):
 * cutime and cstime).
 */
const childrenCpuMs = (): number => {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[13]) + Number(fields[14])) * 10
  } catch {
    return Number.NaN
  }
}
