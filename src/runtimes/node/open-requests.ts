// Watches the requests that are not answered completely. One interval looks at all of them, because
// a timer for each would cost more.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { discardBody } from './receive-body.ts'
import { createSlotMap } from './slot-map.ts'

const LOOK_MS = 100
/** Bytes of responses that may wait in this process for clients to take them. */
const MOST_BYTES = 64 * 2 ** 20
/** A body of which no byte arrives for so long is given up. */
const STALLED_MS = 10_000

/**
 * Ends requests that take memory and make no progress: responses that the client does not take, and
 * bodies that do not arrive.
 */
export const watchOpenRequests = (server: Server): void => {
  const responses = createSlotMap<ServerResponse>()
  const endStalled = createStalledEnder(server)
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const open = responses.all()
    if (open.length === 0) {
      clearInterval(timer)
      timer = undefined
      return
    }
    cutUnsent(open)
    endStalled(open)
  }
  server.on('request', (request, response) => {
    // Tells the client that the connection ends after this response.
    if (isTooMuch(request)) response.shouldKeepAlive = false
    const slot = responses.put(response)
    response.on('close', () => {
      responses.take(slot)
      if (!response.req.complete) leave(response.req)
    })
    timer ??= setInterval(look, LOOK_MS).unref()
  })
}

/**
 * Bytes of a body that are read and discarded after the response: a client that is cut off while it
 * still sends may lose the response (RFC 9112, 9.6). A larger body is not read any further.
 */
const FORGOTTEN_BYTES = 1024 * 1024
/**
 * Time for a client to read the response before the connection is cut off: a reset would discard
 * the response.
 */
const LINGER_MS = 500

const isTooMuch = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length']) > FORGOTTEN_BYTES

/** Called when a request is answered before its body has arrived. */
const leave = (request: IncomingMessage): void => {
  const { socket } = request
  if (isTooMuch(request)) socket.pause()
  else discardBody(request)
  setTimeout(() => request.complete || socket.destroy(), LINGER_MS).unref()
}

/**
 * Cuts off clients that do not take their responses, when the responses of all of them together
 * exceed MOST_BYTES. The clients with the most waiting bytes go first. A time limit for silence
 * would not do: it is too slow, and a client that takes a byte now and then is never silent.
 */
const cutUnsent = (open: readonly ServerResponse[]): void => {
  const waiting = new Map<Socket, number>()
  let sum = 0
  for (const response of open) {
    const { writableLength } = response
    sum += writableLength
    // A response that waits for the one before it has no socket yet. Its request has.
    const { socket } = response.req
    waiting.set(socket, (waiting.get(socket) ?? 0) + writableLength)
  }
  for (const [socket, bytes] of [...waiting].sort(([, a], [, b]) => b - a)) {
    if (sum <= MOST_BYTES) return
    socket.destroy()
    sum -= bytes
  }
}

/**
 * Ends requests whose bodies make no progress, also while the service does not read them: their
 * connections hold what has arrived. node:http itself limits a whole request to 60 seconds.
 */
const createStalledEnder = (server: Server) => {
  const seen = new WeakMap<IncomingMessage, { readonly bytes: number; readonly at: number }>()
  return (open: readonly ServerResponse[]): void => {
    const now = performance.now()
    for (const { req } of open) {
      if (req.complete || req.socket.destroyed) continue
      const { bytesRead } = req.socket
      const last = seen.get(req)
      if (last?.bytes !== bytesRead) seen.set(req, { bytes: bytesRead, at: now })
      else if (now - last.at >= STALLED_MS) server.emit('clientError', stalled(), req.socket)
    }
  }
}

const stalled = () =>
  Object.assign(new Error('The body of a request does not arrive.'), {
    code: 'ERR_HTTP_REQUEST_TIMEOUT',
  })
