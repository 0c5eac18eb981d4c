// One HTTP request by node:http. Node's fetch is not safe for large responses: when the server
// closes the connection while a body waits, it throws where nothing can catch it
// (docs/decisions/029-backups-by-node-http.md).
import { createReadStream } from 'node:fs'
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { Transport, TransportRequest, TransportResponse } from '../../../backup/transport.ts'

const plain = { begin: httpRequest, agent: new HttpAgent({ keepAlive: true }) }
const secure = { begin: httpsRequest, agent: new HttpsAgent({ keepAlive: true }) }

const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code })
const outOfTime = (): Error => failure('ETIMEDOUT', 'time is over')

export const request: Transport = async (asked) => {
  try {
    return await send(asked)
  } catch (error) {
    // The server had closed the kept-alive connection when this request arrived.
    if (error instanceof Stale) return send(asked)
    throw error
  }
}

class Stale extends Error {}

const send = ({
  method,
  url,
  headers,
  body,
  total,
  silence,
  signal,
}: TransportRequest): Promise<TransportResponse> =>
  new Promise((resolve, reject) => {
    const { begin, agent } = url.protocol === 'https:' ? secure : plain
    const bytes = body === undefined ? undefined : 'path' in body ? body.bytes : body.length
    const outgoing = begin(url, {
      method,
      headers: { ...headers, ...(bytes !== undefined && { 'content-length': bytes }) },
      agent,
    })
    let cut = (error: Error): void => void outgoing.destroy(error)
    const abort = () => cut(failure('ABORT_ERR', 'the request was given up'))
    const ending = setTimeout(() => cut(outOfTime()), total)
    const answering = setTimeout(() => cut(outOfTime()), silence)
    const settle = () => {
      for (const timer of [ending, answering]) clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    signal?.addEventListener('abort', abort, { once: true })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      settle()
      reject(
        outgoing.reusedSocket && error.code === 'ECONNRESET' && !(body && 'path' in body)
          ? new Stale()
          : error,
      )
    })
    outgoing.once('response', (incoming) => {
      cut = (error) => void incoming.destroy(error)
      clearTimeout(answering)
      incoming.once('close', settle).on('error', () => {}) // its reader is told
      const header = (name: string) => incoming.headers[name.toLowerCase()]?.toString() ?? null
      resolve({
        status: incoming.statusCode ?? 500,
        header,
        body: piecesOf(incoming, silence),
        discard: () => void incoming.destroy(),
      })
    })
    if (signal?.aborted) abort()
    else sendBody(outgoing, body)
  })

const sendBody = (outgoing: ClientRequest, body: TransportRequest['body']): void => {
  // The request itself emits errors of the connection. Only the pipeline rejects when the file
  // cannot be read.
  if (body && 'path' in body)
    pipeline(createReadStream(body.path), outgoing).catch((error) => void outgoing.destroy(error))
  else outgoing.end(body)
}

async function* piecesOf(incoming: IncomingMessage, silence: number): AsyncGenerator<Uint8Array> {
  const expected = incoming.headers['content-length']
  let bytes = 0
  const pieces: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]()
  try {
    for (;;) {
      const waiting = setTimeout(() => incoming.destroy(outOfTime()), silence)
      const next = await pieces.next().finally(() => clearTimeout(waiting))
      if (next.done) break
      bytes += next.value.length
      yield next.value
    }
  } finally {
    incoming.destroy()
  }
  if (expected !== undefined && bytes < Number(expected))
    throw failure('ECONNRESET', 'the answer ended before its end')
}
