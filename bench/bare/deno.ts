// The bare app on Deno: deno run --allow-net --allow-read bench/bare/deno.ts answers.json
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { bareApp } from './app.ts'

type Fetch = (request: Request) => Response | Promise<Response>
type Options = { port: number; hostname: string; onListen(address: { port: number }): void }
declare const Deno: { serve(options: Options, fetch: Fetch): unknown }

const { fetch } = bareApp(JSON.parse(readFileSync(process.argv[2] as string, 'utf8')))
const onListen = ({ port }: { port: number }) =>
  console.error(`The bare app is at http://127.0.0.1:${port}`)
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, fetch)
