// Taskport on Deno, by its node:http. It is as fast as Deno.serve, which cuts running requests off
// when it shuts down.
import { start } from './node/start.ts'

declare const Deno: { readonly version: { readonly deno: string } }

await start(
  async () => ({
    ...(await import('./node/server.ts')).node,
    name: `deno ${Deno.version.deno}`,
  }),
  { name: 'npm run start:deno' },
)
