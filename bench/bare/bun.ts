// The bare app on Bun: bun bench/bare/bun.ts answers.json
import { readFileSync } from 'node:fs'
import { bareApp } from './app.ts'

type Fetch = (request: Request) => Response | Promise<Response>
declare const Bun: {
  serve(options: { fetch: Fetch; port: number; hostname: string }): { readonly port: number }
}

const { fetch } = bareApp(JSON.parse(readFileSync(process.argv[2] as string, 'utf8')))
const { port } = Bun.serve({ fetch, port: 0, hostname: '127.0.0.1' })
console.error(`The bare app is at http://127.0.0.1:${port}`)
