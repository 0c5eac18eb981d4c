// The least that a server can do: the same bytes for whatever arrives, unread. It shows what the
// load generator is able to ask.
import { createServer } from 'node:net'

const body = '{"status":"ok"}'
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => void socket.write(answer)).on('error', () => {})
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  console.error(`The socket is at http://127.0.0.1:${port}`)
})
