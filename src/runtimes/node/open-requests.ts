// Requests that are not answered completely yet, looked at now and then: instead of a timer for
// each of them.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createSlotMap } from './slot-map.ts'

const LOOK_MS = 100
/** Bytes of answers that may wait for those who asked to take them, in the whole process. */
const MOST_BYTES = 64 * 2 ** 20
/** After so many milliseconds without a byte a body is given up. */
const STALLED_MS = 10_000

/**
 * Ends those that take memory and make no progress: answers that are not taken, bodies that do not
 * arrive.
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
    // The connection ends behind the answer, and the client is told so.
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
 * Bytes of a body that are read and forgotten: a client that is cut off while it still sends may
 * lose the answer (RFC 9112, 9.6). Of a larger one nothing more is read.
 */
const FORGOTTEN_BYTES = 1024 * 1024
/**
 * For a client to read the answer before the connection is cut off: a reset would take the answer
 * with it.
 */
const LINGER_MS = 500

const isTooMuch = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length']) > FORGOTTEN_BYTES

/**
 * What is left of a body when its request is answered: of one that is large nothing more is read.
 */
const leave = (request: IncomingMessage): void => {
  const { socket } = request
  if (isTooMuch(request)) socket.pause()
  else request.resume()
  setTimeout(() => request.complete || socket.destroy(), LINGER_MS).unref()
}

/**
 * Cuts off who asks and does not take what is answered, once more waits than there is room for:
 * those with the most waiting first. Silence alone would cut them off too late, and a byte now and
 * then is no silence.
 */
const cutUnsent = (open: readonly ServerResponse[]): void => {
  const waiting = new Map<Socket, number>()
  let sum = 0
  for (const response of open) {
    const { writableLength } = response
    sum += writableLength
    // Of answers that wait for the one before them only the request knows the connection.
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
 * Ends requests whose bodies make no progress, whether they are being read or not: their
 * connections hold what has arrived. That a whole request takes at most 60 seconds is node:http's
 * own doing.
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
