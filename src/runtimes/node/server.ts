import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import type { Context } from 'hono'
import type { App } from '../../app.ts'
import { requestIdOf } from '../../http/request.ts'
import { createConnections } from './connections.ts'
import {
  type Fault,
  faults,
  logFault,
  malformed,
  noProxy,
  problemResponse,
  problemText,
  TOO_MANY_CHUNKS,
  unforeseen,
} from './http-errors.ts'
import { watchOpenRequests } from './open-requests.ts'
import type { Listening, Platform, ServerOptions } from './platform.ts'
import { gatherChunks, receiveBody } from './receive-body.ts'

const SECOND = 1000
/**
 * Limits the time for the headers, and for a whole request of at most 1 MiB, so that slow senders
 * do not keep sockets. Idle connections are kept longer than the 60 seconds of most proxies:
 * otherwise a proxy would send a request into a connection that closes.
 */
const timeouts = {
  headersTimeout: 15 * SECOND,
  requestTimeout: 60 * SECOND,
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
}

/** The app behind node:http. Bytes that are not a valid request are answered with a problem too. */
const createHttpServer = (app: App, { connections: bounds, log }: ServerOptions): Server => {
  const errorHandler = (error: unknown): Response =>
    error instanceof RequestError ? problemResponse(malformed, log) : unforeseen(error, log)
  // HTTP/1.1 requests without a Host header reach the listener below, which answers with a problem.
  // node:http would answer in its own form. watchOpenRequests looks after the rest of bodies.
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    errorHandler,
    autoCleanupIncoming: false,
  })
  const connections = createConnections(bounds)
  const refuseChunks = ({ socket }: IncomingMessage): void => {
    server.emit('clientError', tooManyChunks(), socket)
  }
  const server = createServer({ ...timeouts, requireHostHeader: false }, (request, response) => {
    const { headers, httpVersion } = request
    gatherChunks(request, refuseChunks)
    // HTTP/1.0 needs none, and an empty one is well-formed (RFC 9112, 3.2). No answer depends on it.
    if (headers.host === '' || (headers.host === undefined && httpVersion === '1.0'))
      headers.host = 'localhost'
    connections.take(response, () => void listener(request, response))
  })
  // Before node:http begins to read from it, because it may be closed.
  server.prependListener('connection', connections.add)
  // Closes a connection whose client sends and takes nothing for so long, to free its memory. A
  // large change, or a list that waits for those of others, may take longer than that.
  server.setTimeout(timeouts.requestTimeout / 2, (socket) => {
    if (connections.owesResponse(socket)) socket.setTimeout(server.timeout)
    else socket.destroy()
  })
  watchOpenRequests(server)
  // An expectation that is not known need not be refused (RFC 9110, 10.1.1), which node:http would do
  // without a problem.
  server.on(
    'checkExpectation',
    (request, response) => void server.emit('request', request, response),
  )
  server.on('connect', (_request, socket) =>
    connections.answerLast(socket as Socket, () => rawAnswer(noProxy, log)),
  )
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    if (refused.has(socket)) return undefined // more of the same
    refused.add(socket)
    const fault = faults[error.code ?? ''] ?? malformed
    return connections.answerLast(socket, () => rawAnswer(fault, log))
  })
  return server
}

const tooManyChunks = () =>
  Object.assign(new Error('A body comes in too many chunks.'), { code: TOO_MANY_CHUNKS })

const rawAnswer = (fault: Fault, log: ServerOptions['log']): string => {
  const requestId = requestIdOf(undefined)
  logFault(fault, requestId, log)
  const body = problemText(fault, requestId)
  return `HTTP/1.1 ${fault.status} ${fault.reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`
}

const IDLE_MS = 500
/**
 * Turns of the event loop in which waiting connections are accepted before listening ends. It ends
 * earlier after `quiet` turns without one.
 */
const TURNS = { most: 200, quiet: 2 }

/**
 * Accepts connections that the system has already made: closing the server would reset them. It
 * stops after some turns, also if new ones go on coming.
 */
export const acceptWaiting = async (server: NetServer): Promise<void> => {
  let heard = false
  const hear = () => {
    heard = true
  }
  server.on('connection', hear)
  for (let turn = 0, quiet = 0; turn < TURNS.most && quiet < TURNS.quiet; turn++) {
    heard = false
    await setImmediate()
    quiet = heard ? 0 : quiet + 1
  }
  server.off('connection', hear)
}

/**
 * Stops listening. Kept-alive connections get `Connection: close` with their next response, and
 * idle ones are closed after a while. node:http's own close would cut connections at once on which
 * a request is on its way.
 */
const drain = async (server: Server, graceMs: number): Promise<void> => {
  await acceptWaiting(server)
  await letGo(
    server,
    new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve())),
    graceMs,
  )
}

/** `closed` settles when no connection is left. */
const letGo = async (server: Server, closed: Promise<void>, graceMs: number): Promise<void> => {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false
  })
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

const listen: Platform['listen'] = (app, { host, port, ...options }) => {
  const server = createHttpServer(app, options)
  return new Promise<Listening>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        drain: (graceMs) => drain(server, graceMs),
      }),
    )
  })
}

/** Serves connections that another process has accepted. */
export type Serving = { take(socket: Socket): void; drain: Listening['drain'] }

export const serveConnections = (app: App, options: ServerOptions): Serving => {
  const server = createHttpServer(app, options)
  const open = new Set<Socket>()
  let whenEmpty = () => {}
  server.emit('listening') // node:http looks after slow and idle connections from then on
  return {
    take: (socket) => {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        if (open.size === 0) whenEmpty()
      })
      socket.allowHalfOpen = true // as on every connection that node:http accepts itself
      server.emit('connection', socket)
      socket.resume() // it was accepted without reading
    },
    drain: (graceMs) => {
      const closed = new Promise<void>((resolve) => {
        whenEmpty = resolve
      })
      if (open.size === 0) whenEmpty()
      return letGo(server, closed, graceMs)
    },
  }
}

export const node: Platform = {
  name: `node ${process.versions.node}`,
  peerOf: (c: Context) => (c.env as Partial<HttpBindings>).incoming?.socket.remoteAddress,
  receiveBody,
  listen,
}
