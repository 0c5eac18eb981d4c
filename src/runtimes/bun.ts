// Taskport on Bun, by Bun.serve: three times as fast as its node:http where the work is small.
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

/**
 * Seconds; longer than the 60 of most proxies, which would else send requests into a closing
 * connection.
 */
const IDLE_SECONDS = 65

await start(async () => {
  const { malformed, problemResponse, unforeseen } = await import('./node/http-errors.ts')
  const listen: Platform['listen'] = async (app, { host, port, log }) => {
    const server = Bun.serve({
      hostname: host,
      port,
      idleTimeout: IDLE_SECONDS,
      // The app has its own limit, and says more when it is passed.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      development: false,
      // Bun takes any Host header, and makes a URL of it that is none.
      fetch: (request, server) =>
        URL.canParse(request.url) ? app.fetch(request, server) : problemResponse(malformed),
      error: (error) => unforeseen(error, log),
    })
    const drain = async (graceMs: number) => {
      const timer = setTimeout(() => server.stop(true), graceMs)
      await server.stop()
      clearTimeout(timer)
    }
    return { port: server.port, drain }
  }
  return {
    name: `bun ${Bun.version}`,
    peerOf: (c) => (c.env as BunServer).requestIP(c.req.raw)?.address,
    listen,
  }
})
