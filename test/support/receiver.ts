// An endpoint for webhooks, on this machine: it notes what it gets, and answers as it is told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Received = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
}
type Answering = (response: ServerResponse, received: Received) => unknown

export type Receiver = {
  readonly url: string
  readonly host: string
  readonly received: Received[]
  answer(how: Answering): void
  close(): Promise<void>
}

export const startReceiver = async (): Promise<Receiver> => {
  const received: Received[] = []
  const usual: Answering = (response) => void response.end('ok')
  let answering = usual
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { path: request.url ?? '', headers: request.headers, text }
    received.push(one)
    answering(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    host: `127.0.0.1:${port}`,
    received,
    answer: (how) => {
      answering = how
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
