// Asking other servers for key sets, metadata and tokens. They are not trusted to answer, nor to
// answer with little.
import { type Clock, isWithin } from './clock.ts'

const MAX_BYTES = 2 ** 20
/** Milliseconds, of the whole answer. */
const TIMEOUT_MS = 5_000
/** For so many milliseconds an answer stands, or that there was none. */
const REMEMBERED_MS = 5_000
const AT_ONCE = 50

/** The parts of a request that the libraries set which ask. */
type Asked = {
  readonly method: string
  readonly headers: NonNullable<RequestInit['headers']>
  readonly body?: RequestInit['body'] | undefined
  readonly signal?: AbortSignal | undefined
}
export type Fetch = (url: string, asked: Asked) => Promise<Response>

/** There is no usable answer. `code` says why, in a word for the log. */
export class Unanswered extends Error {
  readonly code: string
  constructor(code: string, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}

type Options = {
  readonly clock: Clock
  readonly timeoutMs?: number
  /** 0 where the caller itself sees to it that the same is not asked for too often. */
  readonly rememberedMs?: number
}

/**
 * A fetch whose answers are complete, of at most 1 MiB and 5 seconds, and whose redirects are
 * answers: none is followed. At most 50 requests are under way. What is the same for all users (a
 * GET without credentials) is asked for once in 5 seconds, whether it came or not. Throws
 * Unanswered.
 */
export const createFetch = ({
  clock,
  timeoutMs = TIMEOUT_MS,
  rememberedMs = REMEMBERED_MS,
}: Options): Fetch => {
  const answers = new Map<string, { readonly answer: () => Response; readonly at: number }>()
  let underWay = 0

  const ask = async (
    url: string,
    { method, headers, body = null, signal }: Asked,
  ): Promise<() => Response> => {
    if (underWay >= AT_ONCE)
      throw new Unanswered('EBUSY', 'Too many requests to this server are under way.')
    underWay++
    try {
      const signals = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]
      return await complete(
        await fetch(url, {
          method,
          headers,
          body,
          redirect: 'manual',
          signal: AbortSignal.any(signals),
        }),
      )
    } catch (error) {
      throw error instanceof Unanswered
        ? error
        : new Unanswered(codeOf(error), 'The server did not answer.', { cause: error })
    } finally {
      underWay--
    }
  }
  const remembering = async (url: string, asked: Asked): Promise<() => Response> => {
    try {
      return await ask(url, asked)
    } catch (error) {
      if (error instanceof Unanswered && error.code === 'EBUSY') throw error
      return () => {
        throw error
      }
    }
  }
  return async (url, asked) => {
    if (rememberedMs === 0 || !isForAll(asked)) return (await ask(url, asked))()
    const known = answers.get(url)
    if (known && isWithin(rememberedMs, known.at, clock.now())) return known.answer()
    const answer = await remembering(url, asked)
    answers.set(url, { answer, at: clock.now() })
    return answer()
  }
}

const isForAll = ({ method, headers }: Asked): boolean =>
  method === 'GET' && !new Headers(headers).has('authorization')

/**
 * Makes the same answer with its whole body. One that is not read on would keep its connection
 * waiting.
 */
const complete = async ({ status, headers, body }: Response): Promise<() => Response> => {
  const bytes = body ? await readAll(body.getReader()) : null
  return () => new Response(bytes, { status, headers })
}

const readAll = async (
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<ArrayBuffer> => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(chunks).arrayBuffer()
    size += value.byteLength
    if (size > MAX_BYTES) {
      reader.cancel().catch(() => {})
      throw new Unanswered('TOO_LARGE', `The answer is larger than ${MAX_BYTES} bytes.`)
    }
    chunks.push(value)
  }
}

/** Of the first cause that has one, such as ECONNREFUSED. */
const codeOf = (error: unknown): string => {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { code } = inner as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return error instanceof Error ? error.name : 'UNKNOWN'
}
