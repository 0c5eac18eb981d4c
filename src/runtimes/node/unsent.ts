import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createPlaces } from './places.ts'

/** Bytes of answers that may wait for those who asked to take them, in the whole process. */
const MOST_BYTES = 64 * 2 ** 20
const LOOK_MS = 100

/**
 * Cuts off who asks and does not take what is answered, once more waits than there is room for: those with the most waiting
 * first. Silence alone would cut them off too late, and a byte now and then is no silence.
 */
export const limitUnsent = (server: Server): void => {
  const responses = createPlaces<ServerResponse>()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const open = responses.all()
    if (open.length === 0) {
      clearInterval(timer)
      timer = undefined
      return
    }
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
  server.on('request', (_request, response) => {
    const place = responses.put(response)
    response.on('close', () => responses.take(place))
    timer ??= setInterval(look, LOOK_MS).unref()
  })
}
