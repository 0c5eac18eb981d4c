import { createServer, type Server } from 'node:http'
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
  malformed,
  problemResponse,
  problemText,
  unforeseen,
} from './http-errors.ts'
import { watchOpenRequests } from './open-requests.ts'
import type { Listening, Platform, ServerOptions } from './platform.ts'
import { receiveBody } from './receive-body.ts'

const SECOND = 1000
/**
 * Time for the headers, and for a whole request of at most 1 MiB: slow senders do not hold sockets.
 * Idle connections are kept longer than the 60 seconds of most proxies, or a proxy would send
 * requests into a closing one.
 */
const timeouts = {
  headersTimeout: 15 * SECOND,
  requestTimeout: 60 * SECOND,
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
}

/** The app behind node:http. Requests that never become a Request get a problem as well. */
const createHttpServer = (app: App, { connections: bounds, log }: ServerOptions): Server => {
  const errorHandler = (error: unknown): Response =>
    error instanceof RequestError ? problemResponse(malformed) : unforeseen(error, log)
  // Without a Host header a request is answered by the listener below, in our own form, instead of
  // by node:http. What is left of bodies is looked after below.
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    errorHandler,
    autoCleanupIncoming: false,
  })
  const connections = createConnections(bounds)
  const server = createServer({ ...timeouts, requireHostHeader: false }, (request, response) => {
    connections.take(response, () => void listener(request, response))
  })
  // Before node:http prepares to read from it: it may be refused.
  server.prependListener('connection', connections.add)
  // Who neither sends nor takes anything for this long gives its memory back.
  server.setTimeout(timeouts.requestTimeout / 2)
  watchOpenRequests(server)
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    if (refused.has(socket)) return undefined // more of the same
    refused.add(socket)
    const fault = faults[error.code ?? ''] ?? malformed
    return connections.answerLast(socket, () => rawAnswer(fault, requestIdOf(undefined)))
  })
  return server
}

const rawAnswer = (fault: Fault, requestId: string): string => {
  const body = problemText(fault, requestId)
  return `HTTP/1.1 ${fault.status} ${fault.reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`
}

const IDLE_MS = 500
/**
 * Turns of the event loop in which waiting connections are accepted before listening ends, and how
 * many without one are enough.
 */
const TURNS = { most: 200, quiet: 2 }

/**
 * Accepts what has connected already, as far as new ones do not go on coming: closing would reset
 * it.
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
 * Connections that are kept alive get their next answer with `Connection: close`; node:http's own
 * close would cut those on which a request is already on its way, so only the listening is ended,
 * and idle ones are closed when they have been so for a while.
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
