import { connect, type Socket } from 'node:net'
import type { Sockets } from '../../db/open/sockets.ts'

const LOOK_MS = 250
const KEEP_ALIVE_MS = 10_000

const reset = (reason: string) => Object.assign(new Error(reason), { code: 'ECONNRESET' })

/**
 * Sockets to a database server. The bytes that arrive are counted at intervals: a listener for data
 * would be lost when the driver begins TLS, because the driver takes the socket over then.
 */
export const createSockets = (): Sockets => {
  const heard = new Map<Socket, { bytes: number; at: number }>()
  const look = () => {
    for (const [socket, last] of heard) {
      if (socket.destroyed) heard.delete(socket)
      else if (socket.bytesRead !== last.bytes)
        heard.set(socket, { bytes: socket.bytesRead, at: performance.now() })
    }
  }
  setInterval(look, LOOK_MS).unref()

  const drop = (socket: Socket) => {
    heard.delete(socket)
    // With TLS the driver does not listen on this socket for errors.
    socket.on('error', () => {})
    socket.destroy(reset('the database fell silent on this connection'))
  }
  return {
    connect: (address) => {
      const socket = connect({
        ...address,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      })
      heard.set(socket, { bytes: 0, at: performance.now() })
      // A server that closes the connection before it sends a byte is gone. Without an error
      // drivers would connect again at once, and again and again.
      socket.once('end', () => {
        if (socket.bytesRead === 0) drop(socket)
      })
      return Object.assign(socket, address)
    },
    dropSilent: (ms) => {
      look()
      const now = performance.now()
      for (const [socket, { at }] of heard) if (now - at >= ms - LOOK_MS) drop(socket)
    },
  }
}
