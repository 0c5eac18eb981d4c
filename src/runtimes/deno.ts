// Taskport on Deno.
import { handlerOf } from './node/native.ts'
import type { Platform } from './node/platform.ts'
import { start } from './node/start.ts'

type Info = { readonly remoteAddr: { readonly hostname: string } }
declare const Deno: {
  readonly version: { readonly deno: string }
  serve(
    options: {
      hostname: string
      port: number
      signal: AbortSignal
      onListen(): void
      onError(error: unknown): Response
    },
    handler: (request: Request, info: Info) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> }
}

const deno: Platform = {
  name: `deno ${Deno.version.deno}`,
  peerOf: (c) => (c.env as Info).remoteAddr.hostname,
  listen: async (app, { host, port, log }) => {
    const { handle, fail, drain } = handlerOf<Info>(app, log)
    const end = new AbortController()
    const server = Deno.serve({ hostname: host, port, signal: end.signal, onListen: () => {}, onError: fail }, handle)
    return { port: server.addr.port, drain: drain({ stop: () => server.shutdown(), cut: () => end.abort() }) }
  },
}

await start(async () => deno)
