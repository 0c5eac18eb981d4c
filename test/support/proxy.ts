// A TCP proxy in front of a server, which can be taken away in the two ways in which servers go
// away.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export type TcpProxy = {
  /** The same URL, by way of the proxy. */
  through(url: string): string
  /** Every connection ends at once, and new ones are refused: the server's process has died. */
  cut(): Promise<void>
  /**
   * Nothing arrives any more, at either end, and new connections are accepted and never answered:
   * the network is gone.
   */
  hang(): void
  /** New connections work again. What hung before stays dead. */
  restore(): Promise<void>
  close(): Promise<void>
}

/**
 * What becomes of a connection once the server has sent so many bytes: it ends, it is reset, or
 * nothing more comes.
 */
export type Fate = { readonly after: number; readonly then: 'end' | 'reset' | 'stall' }

/**
 * A proxy on a free port of 127.0.0.1 in front of the host and port of `url`. `fateOf` is asked for
 * each connection.
 */
export const startProxy = async (
  url: string,
  fateOf: () => Fate | undefined = () => undefined,
): Promise<TcpProxy> => {
  const { hostname, port: upstreamPort } = new URL(url)
  const sockets = new Set<Socket>()
  let hanging = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    return socket
  }
  const pass = (client: Socket) => {
    const upstream = keep(connect(Number(upstreamPort), hostname))
    client.pipe(upstream)
    const fate = fateOf()
    if (fate === undefined) upstream.pipe(client)
    else upstream.pipe(ending(client, fate)).pipe(client, { end: fate.then === 'end' })
    // Where the network is gone, the server does not learn that the client has left.
    client.on('close', () => {
      pairs.delete(client)
      if (!dead.has(client)) upstream.destroy()
    })
    upstream.on('close', () => fate ?? client.destroy())
    pairs.set(client, upstream)
  }
  const dead = new Set<Socket>()
  const pairs = new Map<Socket, Socket>()
  const server: Server = createServer((client) => {
    keep(client)
    if (hanging) dead.add(client)
    else pass(client)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as { port: number }).port
  }
  const port = await listen(0)
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy()
    pairs.clear()
    dead.clear()
  }
  const stop = async () => {
    const closed = server.listening ? once(server, 'close') : undefined
    server.close()
    destroyAll()
    await closed
  }
  return {
    through: (given) =>
      Object.assign(new URL(given), { hostname: '127.0.0.1', port: String(port) }).href,
    cut: stop,
    hang: () => {
      hanging = true
      for (const [client, upstream] of pairs) {
        dead.add(client)
        client.unpipe(upstream).pause()
        upstream.unpipe(client).pause()
      }
      pairs.clear()
    },
    restore: async () => {
      hanging = false
      if (!server.listening) await listen(port)
    },
    close: stop,
  }
}

/** Lets so many bytes through; of what comes then it takes nothing. */
const ending = (client: Socket, { after, then }: Fate): Transform => {
  let left = after
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (left > 0) this.push(chunk.subarray(0, left))
      left -= chunk.length
      if (left > 0) return done()
      if (then === 'end') this.push(null)
      else if (then === 'reset') setImmediate(() => client.resetAndDestroy())
    },
  })
}
