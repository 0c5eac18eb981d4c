// Load from a process of its own: wrk where it is installed, else autocannon.
import { execFile } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Ask } from './scenarios.ts'

const run = promisify(execFile)
export const CONNECTIONS = 32

/** What a load brought; times in milliseconds. `failures` counts everything that was not a 2xx, by kind. */
export type Raw = {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failures: Readonly<Record<string, number>>
}
export type Load = Omit<Raw, 'failures'> & { readonly failed: number }
export type Task = { readonly url: string; readonly token: string; readonly asks: readonly Ask[]; readonly seconds: number }

const isInstalled = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

export const tool = isInstalled('wrk') ? 'wrk' : 'autocannon'

/** Sends the requests round and round over 32 connections. */
export const load = async (task: Task): Promise<Load> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-load-'))
  try {
    const { failures, ...rest } = await (tool === 'wrk'
      ? byWrk(task, join(folder, 'load.lua'))
      : byAutocannon(task, join(folder, 'load.json')))
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
    if (failed > 0) console.error(`${task.asks[0]?.method} ${task.asks[0]?.path} at ${task.url}: ${JSON.stringify(failures)}`)
    return { ...rest, failed }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const byAutocannon = async (task: Task, file: string): Promise<Raw> => {
  writeFileSync(file, JSON.stringify({ ...task, connections: CONNECTIONS }))
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'autocannon.ts'), file])
  return JSON.parse(stdout) as Raw
}

const byWrk = async ({ url, token, asks, seconds }: Task, file: string): Promise<Raw> => {
  const requests = asks.map((ask) => JSON.stringify(rawRequest(new URL(url).host, token, ask)))
  writeFileSync(file, script(requests))
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', file, url])
  return JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] as string) as Raw
}

const rawRequest = (host: string, token: string, { method, path, body }: Ask): string => {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${token}`]
  if (body === undefined) return `${lines.join('\r\n')}\r\n\r\n`
  const text = JSON.stringify(body)
  return [...lines, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`, '', text].join('\r\n')
}

/** JSON's strings are Lua's too, for what is in our requests. wrk counts every status above 399; nothing here answers a 3xx. */
const script = (requests: readonly string[]): string => `
local requests = { ${requests.join(',\n')} }
local last = 0
request = function()
  last = last % #requests + 1
  return requests[last]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"perSecond":%f,"p50":%f,"p99":%f,', summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
  io.write(string.format('"failures":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\\n',
    e.connect, e.read, e.write, e.status, e.timeout))
end
`
