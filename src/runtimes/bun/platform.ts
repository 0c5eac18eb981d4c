// Bun.serve as the platform: for small requests it is three times as fast as Bun's node:http.
import type { Platform } from '../node/platform.ts'

type BunServer = {
  readonly port: number
  requestIP(request: Request): { readonly address: string } | null
  timeout(request: Request, seconds: number): void
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
 * Seconds. Longer than the 60 of most proxies: otherwise a proxy would send a request into a
 * connection that closes.
 */
const IDLE_SECONDS = 65

/** Loads what it needs when it is called. */
export const bun = async (): Promise<Platform> => {
  const { malformed, problemResponse, unforeseen } = await import('../node/http-errors.ts')
  const listen: Platform['listen'] = async (app, { host, port, log }) => {
    const server = Bun.serve({
      hostname: host,
      port,
      idleTimeout: IDLE_SECONDS,
      // The app has a limit of its own, with a better error.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      development: false,
      // Bun accepts any Host header, and makes an invalid URL of some.
      fetch: async (request, server) => {
        // A connection is not idle while the service works. The app limits the time of a body.
        server.timeout(request, 0)
        try {
          if (URL.canParse(request.url)) return await app.fetch(request, server)
          // Without one, which only HTTP/1.0 may be, or with an empty one the URL is a path.
          if (!request.url.startsWith('/') || request.headers.get('host'))
            return problemResponse(malformed, log)
          const named = new Request(`http://localhost${request.url}`, request)
          return await app.fetch(named, { requestIP: () => server.requestIP(request) })
        } finally {
          server.timeout(request, IDLE_SECONDS)
        }
      },
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
    peerOf: (c) => (c.env as Pick<BunServer, 'requestIP'>).requestIP(c.req.raw)?.address,
    listen,
  }
}
