// Run by each runtime: sends to https endpoints on this machine, under names that mean it here only,
// and prints what came of it.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createTargets } from '../../src/runtimes/node/webhooks/targets.ts'

const [folder = ''] = process.argv.slice(2)
const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')
const seen: { host: string | undefined; name: unknown; path: string | undefined }[] = []
const server = createServer(
  { key: read('key.pem'), cert: read('cert.pem') },
  (request, response) => {
    const { servername } = request.socket as TLSSocket & { servername?: unknown }
    seen.push({ host: request.headers.host, name: servername, path: request.url })
    if (request.url === '/redirect') response.writeHead(302, { location: '/followed' })
    response.end('fine')
  },
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

let asked = 0
const targets = createTargets({
  allowed: [`hooks.test:${port}`, `other.test:${port}`],
  resolve: async () => {
    asked++
    return ['127.0.0.1']
  },
  ca: read('cert.pem'),
})
const send = (url: string) =>
  targets
    .send({ url: new URL(url), headers: { 'webhook-id': 'msg_1' }, body: '{}' })
    .catch(({ message }: Error) => message)

const pinned = await send(`https://hooks.test:${port}/in`)
const redirected = await send(`https://hooks.test:${port}/redirect`)
const otherName = await send(`https://other.test:${port}/in`)
const unlisted = await send(`https://hooks.example.org/`)
console.log(JSON.stringify({ pinned, redirected, otherName, unlisted, asked, seen, port }))
process.exit(0)
