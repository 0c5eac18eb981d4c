import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { grown, type ReceiveBody, type Sink } from '../../http/body.ts'

/** The beginning of a body, and how the rest of it is passed on. */
type Arriving = {
  /** Passes on what has arrived, and then each chunk as it arrives. */
  passTo(sink: Sink): void
  /** Discards what still arrives. */
  stop(): void
}

/** What is left of a body that was refused while it arrived: nothing may act on its rest. */
const REFUSED: Arriving = { passTo: () => {}, stop: () => {} }

/** Bodies in chunks, from the moment that their requests began. */
const arriving = new WeakMap<IncomingMessage, Arriving>()

/**
 * Chunks that a body may have, and bytes of it that allow one more. Each chunk takes some
 * microseconds: 1 MiB in chunks of two bytes would take seconds.
 */
const MOST_CHUNKS = 4096
const BYTES_FOR_ANOTHER = 128

/**
 * Copies the chunks of a body together before anything asks for them, and calls `refuse` for a body
 * in too many of them, of which nothing more is read. Call it when the request begins. In the
 * buffer of a stream each chunk is an object of some hundred bytes, and only the bytes of the
 * chunks are counted there: a body in chunks of two bytes would take 10 MB before the service
 * begins to read. A body that says its length arrives in chunks as large as the connection reads
 * them, and needs none of this.
 */
export const gatherChunks = (
  request: IncomingMessage,
  refuse: (request: IncomingMessage) => void,
): void => {
  if (request.headers['transfer-encoding'] === undefined) return
  const body = gather(request)
  arriving.set(request, body)
  let [chunks, bytes] = [0, 0]
  const count = (chunk: Uint8Array): void => {
    chunks++
    bytes += chunk.byteLength
    if (chunks <= MOST_CHUNKS + bytes / BYTES_FOR_ANOTHER) return
    request.off('data', count)
    body.stop()
    arriving.set(request, REFUSED)
    wait(request)
    refuse(request)
  }
  request.on('data', count)
}

/** From so many bytes on the rest waits in the connection until the body is asked for. */
const MOST_GATHERED = 16 * 1024

/**
 * Reads nothing more from the connection until `goOn`. Node 20 would resume a socket that is only
 * paused, because the stream of the request wants more: it asks by `_read`.
 */
const wait = (request: IncomingMessage): void => {
  request._read = () => {}
  request.socket.pause()
}
const goOn = (request: IncomingMessage): void => {
  Reflect.deleteProperty(request, '_read')
  request.socket.resume()
}

const gather = (request: IncomingMessage): Arriving => {
  let bytes = new Uint8Array()
  let size = 0
  const keep = (chunk: Uint8Array): void => {
    const end = size + chunk.byteLength
    if (end > bytes.byteLength) bytes = grown(bytes, end)
    bytes.set(chunk, size)
    size = end
    if (end >= MOST_GATHERED) wait(request)
  }
  let take: (chunk: Uint8Array) => unknown = keep
  request.on('data', (chunk: Buffer) => take(chunk))
  return {
    passTo: (sink) => {
      take = sink
      if (size > 0) sink(bytes.subarray(0, size))
      bytes = new Uint8Array()
      goOn(request)
    },
    stop: () => {
      take = () => {}
      bytes = new Uint8Array()
      goOn(request)
    },
  }
}

/** As `gather`, where the stream may keep what arrives until the body is asked for. */
const ofStream = (request: IncomingMessage): Arriving => {
  let take: (chunk: Uint8Array) => unknown = () => {}
  const pass = (chunk: Buffer): void => void take(chunk)
  return {
    passTo: (sink) => {
      take = sink
      request.on('data', pass)
    },
    stop: () => {
      request.off('data', pass).pause()
    },
  }
}

/** Reads the rest of a body that is of no use any more, and discards it. */
export const discardBody = (request: IncomingMessage): void => {
  arriving.get(request)?.stop()
  request.resume()
}

/**
 * Reads a body from node:http itself, so that each chunk is copied at most once, and none is
 * buffered in a stream.
 */
export const receiveBody: ReceiveBody = (c, sink) => {
  const { incoming } = c.env as HttpBindings
  const body = arriving.get(incoming) ?? ofStream(incoming)
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      incoming.off('end', settle).off('error', settle).off('close', hangUp)
      body.stop()
      if (error === undefined) resolve()
      else reject(error)
    }
    const hangUp = () => settle(new Error('The connection was closed.'))
    const take: Sink = (chunk) => {
      try {
        const wait = sink(chunk)
        if (!wait) return undefined
        incoming.pause()
        wait.then(() => incoming.resume(), settle)
      } catch (error) {
        settle(error)
      }
      return undefined
    }
    // A request that has ended is also destroyed.
    if (body === REFUSED || (incoming.destroyed && !incoming.readableEnded)) return hangUp()
    incoming.on('end', settle).on('error', settle).on('close', hangUp)
    body.passTo(take)
    if (incoming.readableEnded) settle()
  })
}
