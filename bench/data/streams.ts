// Streams of events that stay open, as clients keep them.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

export type Stream = {
  /** Settles at the next event. */
  next(): Promise<void>
  close(): void
}

/** Opens a stream of events; answers when its first event is there. */
export const openStream = async (url: string, token: string): Promise<Stream> => {
  const asked = request(`${url}/api/v1/events`, {
    agent: false,
    headers: { Authorization: `Bearer ${token}` },
  })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`/api/v1/events: ${response.statusCode}`)
  let told: (() => void)[] = []
  response.setEncoding('utf8').on('data', (text: string) => {
    if (!text.includes('event: changes')) return
    const waiting = told
    told = []
    for (const tell of waiting) tell()
  })
  const next = () => new Promise<void>((resolve) => told.push(resolve))
  await next()
  return { next, close: () => asked.destroy() }
}
