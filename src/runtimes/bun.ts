// Taskport on Bun.
import { handlerOf } from './node/native.ts'
import type { Platform } from './node/platform.ts'
import { start } from './node/start.ts'

type BunServer = {
  readonly port: number
  requestIP(request: Request): { readonly address: string } | null
  stop(cut?: boolean): Promise<void>
}
declare const Bun: {
  readonly version: string
  serve(options: {
    hostname: string
    port: number
    idleTimeout: number
    maxRequestBodySize: number
    development: boolean
    fetch(request: Request, server: BunServer): Response | Promise<Response>
    error(error: unknown): Response
  }): BunServer
}

/** Seconds; longer than the 60 of most proxies, which would else send requests into a closing connection. */
const IDLE_SECONDS = 65

const bun: Platform = {
  name: `bun ${Bun.version}`,
  peerOf: (c) => (c.env as BunServer).requestIP(c.req.raw)?.address,
  listen: async (app, { host, port, log }) => {
    const { handle, fail, drain } = handlerOf<BunServer>(app, log)
    const server = Bun.serve({
      hostname: host,
      port,
      idleTimeout: IDLE_SECONDS,
      // The app has its own limit, and says more when it is passed.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      development: false,
      fetch: handle,
      error: fail,
    })
    return { port: server.port, drain: drain({ stop: () => server.stop(), cut: () => server.stop(true) }) }
  },
}

await start(async () => bun)
