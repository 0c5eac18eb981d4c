// The connections of a server: how many there may be, which of them are idle, and what was asked
// last on each.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../../config.ts'
import { peerNetworks } from '../../http/network.ts'

/**
 * Time for a client to read a last answer before its connection is cut off: a reset would take the
 * answer with it.
 */
const LINGER_MS = 500
/** Requests on one connection that wait for the answers to those before them. */
const MOST_WAITING = 100

type Connection = {
  readonly socket: Socket
  readonly peer: Set<Connection>
  /** When its last request began, or else it itself, in milliseconds of this process. */
  at: number
  /** The answer to its last request. */
  last: ServerResponse | undefined
  /**
   * The answer before, where that was still under way when the last request arrived (RFC 9112,
   * 9.3.2).
   */
  before: ServerResponse | undefined
  /** The answer to the request that is being served. */
  serving: ServerResponse | undefined
  readonly waiting: { readonly response: ServerResponse; serve(): void }[]
}

export type Connections = {
  /**
   * Counts a new connection. Where there are too many, the one of the same peer that has been idle
   * for longest is closed, or of all peers, of the one that has the most; where none is idle, the
   * new one is.
   */
  readonly add: (socket: Socket) => void
  /**
   * A request has arrived: it is served when those before it on its connection are answered, so
   * that pipelined requests (RFC 9112, 9.3.2) do not hold up other connections. A connection on
   * which more than a hundred wait is closed.
   */
  take(response: ServerResponse, serve: () => void): void
  /**
   * Ends a connection with an answer to what cannot be understood on it: behind the answers to what
   * was asked before, and instead of the answer to a request whose own body it is. Where that
   * request is answered already, it only ends.
   */
  answerLast(socket: Socket, answer: () => string): void
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
  // Other connections come in between.
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
  /** Makes room among these; answers whether there is any. */
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
      // Counted until it is closed, which a connection that gives way is in a moment.
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
  }
}

/**
 * Of two idle connections: that of the peer which has more, or else the one that has been idle for
 * longer.
 */
const goesFirst = (one: Connection, other: Connection): boolean =>
  one.peer.size === other.peer.size ? one.at < other.at : one.peer.size > other.peer.size

const endWith = (socket: Socket, text: string): void => {
  socket.end(text)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
