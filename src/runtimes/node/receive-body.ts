import type { HttpBindings } from '@hono/node-server'
import type { ReceiveBody } from '../../http/body.ts'

/**
 * Reads a body from node:http itself, so that each chunk is copied at most once, and none is
 * buffered in a stream.
 */
export const receiveBody: ReceiveBody = (c, sink) => {
  const { incoming } = c.env as HttpBindings
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      incoming.off('data', take).off('end', settle).off('error', settle).off('close', hangUp)
      if (error === undefined) resolve()
      else reject(error)
    }
    const hangUp = () => settle(new Error('The connection was closed.'))
    const take = (chunk: Uint8Array): void => {
      try {
        sink(chunk)
      } catch (error) {
        incoming.pause()
        settle(error)
      }
    }
    if (incoming.destroyed) return hangUp()
    if (incoming.readableEnded) return resolve()
    incoming.on('data', take).on('end', settle).on('error', settle).on('close', hangUp)
  })
}
