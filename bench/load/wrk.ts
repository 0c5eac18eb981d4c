// wrk, told by a script what to send.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Job, Raw } from './load.ts'
import { KEY_DIGITS, KEY_LENGTH } from './requests.ts'

const run = promisify(execFile)
/** Seconds, less than a load takes: what hangs is noticed. Sign-ins wait for each other. */
const TIMEOUT = 3

export const byWrk = async (job: Job, folder: string): Promise<Raw> => {
  const file = join(folder, 'load.lua')
  writeFileSync(file, script(job))
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${job.connections}`,
    `-d${job.seconds}s`,
    '--timeout',
    `${TIMEOUT}s`,
    '-s',
    file,
    `http://${job.host}`,
  ])
  return JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] as string) as Raw
}

/**
 * JSON's strings are Lua's too, for what is in our requests. wrk counts every status above 399;
 * nothing here answers a 3xx.
 */
const script = ({ requests, fill }: Job): string => `
local requests = { ${requests.map((pieces) => `{ ${pieces.map((piece) => JSON.stringify(piece)).join(', ')} }`).join(',\n')} }
local last = 0
${fill === undefined ? '' : fill.kind === 'key' ? freshKeys() : chained(fill.pool)}
request = function()
  last = last % #requests + 1
  local pieces = requests[last]
  if pieces[2] == nil then return pieces[1] end
  return pieces[1] .. fill() .. pieces[2]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"perSecond":%f,"p50":%f,"p99":%f,', summary.requests,
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000))
  io.write(string.format('"failures":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\\n',
    e.connect, e.read, e.write, e.status, e.timeout))
end
`

const freshKeys = (): string => `
local number = 0
local function fill()
  number = number + 1
  return '${randomBytes(KEY_LENGTH).toString('hex').slice(KEY_DIGITS, KEY_LENGTH)}' .. string.format('%0${KEY_DIGITS}d', number)
end`

/** A token is good once: it leaves the pool, and its answer brings the next one. */
const chained = (pool: readonly string[]): string => `
local pool = { ${pool.map((token) => JSON.stringify(token)).join(', ')} }
local function fill() return table.remove(pool, 1) end
response = function(status, headers, body)
  pool[#pool + 1] = string.match(body, '"refresh_token":"([^"]+)"')
end`
