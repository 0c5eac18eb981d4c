// GET /events, read with fetch: EventSource sends no Authorization header, and a token does not
// belong into a URL.
import type { Api } from './client.ts'
import { TaskportError } from './errors.ts'

/** The service sends a comment every 25 seconds: a stream that is silent for longer is dead. */
const SILENCE_MS = 60_000

/**
 * Calls `poked` with each token that the service sends, until the stream ends or `signal` is
 * aborted. Throws TaskportError where there is no stream, and what `fetch` throws.
 */
export const readEvents = async (
  api: Api,
  poked: (token: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(new Error('the stream is silent')), SILENCE_MS)
  }
  heard()
  try {
    const over = AbortSignal.any([signal, silence.signal])
    const { data, error, response } = await api.GET('/api/v1/events', {
      parseAs: 'stream',
      signal: over,
    })
    if (!data) throw new TaskportError(response, error)
    for await (const event of eventsOf(data, heard, over)) {
      const token = tokenIn(event)
      if (token !== undefined) poked(token)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** The blocks of a stream: events and comments (WHATWG HTML, server-sent events). */
async function* eventsOf(stream: ReadableStream<Uint8Array>, heard: () => void, over: AbortSignal) {
  const reader = stream.getReader()
  const cancel = () => reader.cancel().catch(() => {})
  over.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (!over.aborted) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      text += decoder.decode(value, { stream: true })
      const blocks = text.split(/\r?\n\r?\n/)
      text = blocks.pop() ?? ''
      yield* blocks
    }
  } finally {
    over.removeEventListener('abort', cancel)
    await cancel()
  }
}

const tokenIn = (event: string): string | undefined => {
  const fields = new Map(
    event.split(/\r?\n/).map((line) => line.split(/: ?(.*)/s, 2) as [string, string]),
  )
  const data = fields.get('data')
  if (fields.get('event') !== 'changes' || data === undefined) return undefined
  return (JSON.parse(data) as { readonly token: string }).token
}
