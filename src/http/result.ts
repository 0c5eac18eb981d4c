// How the results of operations become answers.
import { wasThere } from '../core/client-ids.ts'
import { jsonOf } from '../core/kept-json.ts'
import type { Download } from '../core/operation.ts'

/**
 * What a handler answers: rendered into a Response in one place. `body` is made JSON unless it is
 * text or a stream of it.
 */
export type Answer = {
  readonly status: number
  readonly body?: unknown
  /** Makes the JSON of `body`, where there is a faster way than JSON.stringify. */
  readonly print?: (() => string) | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** How one kind of result is answered; `url` is that of the request. */
export type Answering<R> = { readonly status: number; present(result: R, url: string): Answer }

type Revised = { readonly rev: string }

const etagOf = ({ rev }: Revised): string => `"${rev}"`
const isRevised = (body: object): body is Revised => 'rev' in body

/** 200 with the result, and its ETag where it has a revision. */
export const ok: Answering<object> = {
  status: 200,
  present: (body) =>
    isRevised(body)
      ? { status: 200, body, headers: { ETag: etagOf(body) } }
      : { status: 200, body },
}

/**
 * 201 with the new resource, where it is, and its ETag where it has one; 200 where an earlier request
 * with its id has made it.
 */
export const createdAt = <R extends object>(location: (result: R) => string): Answering<R> => ({
  status: 201,
  present: (body) => ({
    status: wasThere(body) ? 200 : 201,
    body,
    headers: isRevised(body)
      ? { Location: location(body), ETag: etagOf(body) }
      : { Location: location(body) },
  }),
})

/** The same where it is under its id in `collection`. */
export const createdIn = (collection: string): Answering<{ readonly id: string }> =>
  createdAt(({ id }) => `${collection}/${id}`)

/** 202 with what has begun, and where it is in `collection`. */
export const acceptedIn = (collection: string): Answering<{ readonly id: string }> => ({
  status: 202,
  present: (body) => ({ status: 202, body, headers: { Location: `${collection}/${body.id}` } }),
})

const encoder = new TextEncoder()
/** As fast as the client takes it: a chunk is made when the one before was taken. */
const streamOf = (chunks: AsyncIterable<string>): ReadableStream<Uint8Array> => {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      cancel: async () => {
        await iterator.return?.()
      },
    },
    { highWaterMark: 1 },
  )
}

/** 200 with a file, sent while it is made. Where that fails the connection ends before the file. */
export const download: Answering<Download> = {
  status: 200,
  present: ({ type, name, chunks }) => ({
    status: 200,
    body: streamOf(chunks),
    headers: {
      'Content-Type': type === 'application/json' ? type : `${type}; charset=utf-8`,
      'Content-Disposition': `attachment; filename="${name}"`,
    },
  }),
}

/** 200 with events, sent as they come. Nothing on the way may keep, change or gather them. */
export const events: Answering<AsyncIterable<string>> = {
  status: 200,
  present: (chunks) => ({
    status: 200,
    body: streamOf(chunks),
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'private, no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    },
  }),
}

/** 204. */
export const noContent: Answering<void> = { status: 204, present: () => ({ status: 204 }) }

type Listed = { readonly items: object[]; readonly next_cursor: string | null }

const printed = ({ items, next_cursor }: Listed): string => {
  let text = ''
  for (const item of items) text += text === '' ? jsonOf(item) : `,${jsonOf(item)}`
  return `{"items":[${text}],"next_cursor":${JSON.stringify(next_cursor)}}`
}

/** 200 with a page of a list, and the next page's address as a relative `Link` (RFC 8288). */
export const list: Answering<Listed> = {
  status: 200,
  present: (body, url) => {
    const print = () => printed(body)
    if (body.next_cursor === null) return { status: 200, body, print }
    const { pathname, searchParams } = new URL(url)
    searchParams.set('cursor', body.next_cursor)
    return {
      status: 200,
      body,
      print,
      headers: { Link: `<${pathname}?${searchParams}>; rel="next"` },
    }
  },
}
