// A program: a server that asks for no body, and a client that goes on sending one in chunks.
// Prints how many bytes of it the server has read when nothing more moves.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gatherChunks } from '../../src/runtimes/node/receive-body.ts'

const CHUNK = `400\r\n${'x'.repeat(1024)}\r\n`
/** More than the buffers of the two sockets take. */
const CHUNKS = 50_000
const LOOK_MS = 50
const LOOKS = 10

let begin: (request: IncomingMessage) => void = () => {}
const begun = new Promise<IncomingMessage>((resolve) => {
  begin = resolve
})
const server = createServer((request) => {
  gatherChunks(request, () => {})
  begin(request)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
client.on('error', () => {})
client.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
client.write(CHUNK.repeat(CHUNKS))

const { socket } = await begun
let last = -1
for (let still = 0; still < LOOKS; still = socket.bytesRead === last ? still + 1 : 0) {
  last = socket.bytesRead
  await new Promise((resume) => setTimeout(resume, LOOK_MS))
}
console.log(last)
process.exit()
