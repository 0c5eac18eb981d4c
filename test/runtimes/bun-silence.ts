// Run by Bun: its server, with connections that may be idle for the shortest time that Bun knows.
// Prints the answer to a request that took longer than that.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseConfig } from '../../src/config.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { silent } from '../../src/core/log.ts'
import { bun } from '../../src/runtimes/bun/platform.ts'

type Options = { idleTimeout: number; fetch(request: Request, server: object): unknown }
type BunServer = { timeout(request: Request, seconds: number): void }
declare const Bun: { serve(options: Options): object }

const SHORTEST_SECONDS = 1
const shortened = (seconds: number) => Math.min(seconds, SHORTEST_SECONDS)
const { serve } = Bun
Bun.serve = ({ idleTimeout, fetch, ...options }) =>
  serve({
    ...options,
    idleTimeout: shortened(idleTimeout),
    fetch: (request, server) =>
      fetch(request, {
        timeout: (of: Request, seconds: number) =>
          (server as BunServer).timeout(of, shortened(seconds)),
      }),
  })

const answer = createDeferred<void>()
const begun = createDeferred<void>()
const fetchSlowly = async (request: Request): Promise<Response> => {
  begun.resolve()
  await answer.promise
  return new Response(`answered ${new URL(request.url).pathname}`)
}
const { port, drain } = await (await bun()).listen(
  { fetch: fetchSlowly, request: async (path) => fetchSlowly(new Request(path)) },
  { ...parseConfig({}), host: '127.0.0.1', port: 0, log: silent },
)
const open = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const waiting = await open()
waiting.write('GET /late HTTP/1.1\r\nHost: x\r\n\r\n')
await begun.promise
const all = text(waiting)
// One that is idle is closed first, though it was opened last.
await once((await open()).resume(), 'close')
answer.resolve()
// Then this one is idle, and is closed too.
console.log(await all)
await drain(0)
