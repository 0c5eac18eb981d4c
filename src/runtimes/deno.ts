// Taskport on Deno, by its node:http: as fast as Deno.serve, which cuts requests that are on their
// way when it shuts down.
import { start } from './node/start.ts'

declare const Deno: { readonly version: { readonly deno: string } }

await start(async () => ({
  ...(await import('./node/server.ts')).node,
  name: `deno ${Deno.version.deno}`,
}))
