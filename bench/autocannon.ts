// One load by autocannon, as a process of its own: reads the task from a file, prints what came of it as JSON.
import { readFileSync } from 'node:fs'
// @ts-expect-error it comes without types
import untyped from 'autocannon'
import type { Raw, Task } from './load.ts'

type Client = { setRequests(requests: readonly object[]): void }
type Options = { url: string; connections: number; duration: number; requests: readonly object[]; setupClient(client: Client): void }
type Result = { '2xx': number; non2xx: number; errors: number; timeouts: number; duration: number; latency: { p50: number; p99: number } }
const autocannon = untyped as (options: Options) => Promise<Result>

const { url, token, asks, seconds, connections } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Task & {
  connections: number
}

const requests = asks.map(({ method, path, body }) => ({
  method,
  path,
  headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
}))
let next = 0
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests,
  // Each connection sends its own share, so that no two change the same task at the same time.
  setupClient: (client) => {
    const own = next++
    if (requests.length >= connections) client.setRequests(requests.filter((_, i) => i % connections === own))
  },
})
const { latency, errors, timeouts, duration } = result
const answered = result['2xx'] + result.non2xx
process.stdout.write(
  JSON.stringify({
    perSecond: answered / duration,
    p50: latency.p50,
    p99: latency.p99,
    failures: { status: result.non2xx, errors, timeouts },
  } satisfies Raw),
)
