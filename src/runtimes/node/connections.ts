// The connections of a server: how many there may be, which of them are idle, and the last request
// on each.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../../config.ts'
import { peerNetworks } from '../../http/network.ts'

/**
 * Time for a client to read a last response before its connection is cut off: a reset would discard
 * the response.
 */
const LINGER_MS = 500
/** Requests on one connection that may wait for the responses to earlier ones. */
const MOST_WAITING = 100

type Connection = {
  readonly socket: Socket
  readonly peer: Set<Connection>
  /** When its last request began, or the connection itself, in milliseconds of this process. */
  at: number
  /** The response to its last request. */
  last: ServerResponse | undefined
  /**
   * The response before the last one, if it was not finished when the last request arrived (RFC
   * 9112, 9.3.2).
   */
  before: ServerResponse | undefined
  /** The response to the request that is being served. */
  serving: ServerResponse | undefined
  readonly waiting: { readonly response: ServerResponse; serve(): void }[]
}

export type Connections = {
  /**
   * Adds a new connection. If the peer has too many, its connection that has been idle for longest
   * is closed. If there are too many in all, the same happens to the peer that has the most. If
   * none is idle, the new connection is closed.
   */
  readonly add: (socket: Socket) => void
  /**
   * Serves a request when the earlier ones on its connection are answered, so that pipelined
   * requests (RFC 9112, 9.3.2) do not delay other connections. Closes a connection on which more
   * than a hundred wait.
   */
  take(response: ServerResponse, serve: () => void): void
  /**
   * Ends a connection with a response to bytes that are not a valid request. It is sent after the
   * responses to earlier requests. If the bytes belong to the body of the last request, it replaces
   * the response to that. If that request is answered already, the connection only ends.
   */
  answerLast(socket: Socket, answer: () => string): void
  /**
   * Whether the service has to do the next step on this connection: a request has arrived, and what
   * there is of its response has been sent. Otherwise it is the client who has to send or to take.
   */
  owesResponse(socket: Socket): boolean
}

const wait = (connection: Connection, response: ServerResponse, serve: () => void): void => {
  const { socket, serving, waiting } = connection
  if (socket.destroyed) return
  if (waiting.length >= MOST_WAITING) return void socket.destroy()
  waiting.push({ response, serve })
  if (waiting.length === 1) serving?.once('close', () => serveNext(connection))
}

const serveNext = (connection: Connection): void => {
  const next = connection.waiting.shift()
  if (!next || connection.socket.destroyed) return
  connection.serving = next.response
  if (connection.waiting.length > 0) next.response.once('close', () => serveNext(connection))
  // Lets other connections be served in between.
  setImmediate(next.serve)
}

const isIdle = ({ socket, last }: Connection): boolean =>
  !socket.destroyed && (last === undefined || last.writableFinished)

export const createConnections = ({ total, perAddress }: Config['connections']): Connections => {
  const all = new Map<Socket, Connection>()
  const peers = new Map<string, Set<Connection>>()

  const remove = (name: string, connection: Connection): void => {
    all.delete(connection.socket)
    connection.peer.delete(connection)
    if (connection.peer.size === 0) peers.delete(name)
  }
  const peerOf = (name: string): Set<Connection> => {
    const known = peers.get(name)
    if (known) return known
    const peer = new Set<Connection>()
    peers.set(name, peer)
    return peer
  }
  /** Closes the connection that goes first. Returns whether one was idle. */
  const closeOne = (connections: Iterable<Connection>): boolean => {
    let found: Connection | undefined
    for (const one of connections) if (isIdle(one) && (!found || goesFirst(one, found))) found = one
    found?.socket.destroy()
    return found !== undefined
  }
  return {
    add: (socket) => {
      const name = peerNetworks(socket.remoteAddress)[0]
      const peer = peerOf(name)
      // It counts until it is closed. A connection that is closed for it counts for a moment
      // longer.
      const connection = {
        socket,
        peer,
        at: performance.now(),
        last: undefined,
        before: undefined,
        serving: undefined,
        waiting: [],
      }
      const full = peer.size >= perAddress ? peer : all.size >= total ? all.values() : undefined
      const room = full === undefined || closeOne(full)
      peer.add(connection)
      all.set(socket, connection)
      socket.once('close', () => remove(name, connection))
      if (!room) socket.destroy()
    },
    take: (response, serve) => {
      const connection = all.get(response.req.socket)
      if (!connection) return serve()
      const { last } = connection
      connection.before = last && !last.writableFinished ? last : undefined
      connection.last = response
      connection.at = performance.now()
      if (connection.before) return wait(connection, response, serve)
      connection.serving = response
      return serve()
    },
    answerLast: (socket, answer) => {
      const connection = all.get(socket)
      const last = connection?.last
      const own = last !== undefined && !last.req.complete
      const earlier = own ? connection?.before : last
      const end = () => {
        if (socket.writable) endWith(socket, own && last.headersSent ? '' : answer())
      }
      if (own && last.headersSent && !last.writableFinished) last.once('close', end)
      else if (earlier && !earlier.writableFinished) earlier.once('close', end)
      else end()
    },
    owesResponse: (socket) => {
      const serving = all.get(socket)?.serving
      if (!serving || serving.writableFinished) return false
      return serving.req.complete && serving.writableLength === 0
    },
  }
}

/**
 * Of two idle connections the one goes first whose peer has more, or else the one that has been
 * idle for longer.
 */
const goesFirst = (one: Connection, other: Connection): boolean =>
  one.peer.size === other.peer.size ? one.at < other.at : one.peer.size > other.peer.size

const endWith = (socket: Socket, text: string): void => {
  socket.end(text)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
