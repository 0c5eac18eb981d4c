// Content that is the same for everybody: it is compressed once, kept, and has an ETag for each of
// its forms. Answers of the API are not compressed: they mix secrets with what others have sent, and
// the length of a compressed answer gives secrets away (BREACH).
import type { Context } from 'hono'
import { sha256 } from '../core/secrets.ts'
import type { SingleFlight } from '../core/single-flight.ts'
import { type Encoding, encodingFor } from './accept-encoding.ts'
import { isKnown } from './etags.ts'

/** How a platform compresses. */
export type Compression = {
  readonly encodings: readonly Encoding[]
  compress(encoding: Encoding, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/** By the Compression Streams standard, which has no brotli. */
export const standardCompression: Compression = {
  encodings: ['gzip'],
  compress: async (_encoding, bytes) => {
    const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
    return new Uint8Array(await new Response(compressed).arrayBuffer())
  },
}

/** For platforms that compress by themselves what they send. */
export const noCompression: Compression = {
  encodings: [],
  compress: async (_encoding, bytes) => bytes,
}

export type Content = { readonly body: string | Uint8Array<ArrayBuffer>; readonly type: string }
type Form = { readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string }

/** Makes something once, when it is first asked for. */
const kept = <T>(sharing: SingleFlight, make: () => Promise<T>): (() => Promise<T>) => {
  let made: { readonly value: T } | undefined
  const run = sharing(async () => {
    made = { value: await make() }
  })
  return async () => {
    if (!made) await run()
    return (made as { readonly value: T }).value
  }
}

/**
 * Names the forms in their ETags, at the beginning: the end is where proxies name what they have
 * compressed, and is not looked at.
 */
const prefixes = { br: 'br.', gzip: 'gz.' } as const

/** Answers a GET or HEAD with this content, and with these headers. */
export type Static = (c: Context, headers: Readonly<Record<string, string>>) => Promise<Response>

/** Answers with the form that the client wants, or 304 where it has that. */
export const createStatic = (
  { body, type }: Content,
  compression: Compression,
  sharing: SingleFlight,
): Static => {
  const plain = kept(sharing, async (): Promise<Form> => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    return { bytes, etag: (await sha256(bytes)).slice(0, 24) }
  })
  const compressed = (encoding: Encoding) =>
    kept(sharing, async (): Promise<Form> => {
      const { bytes, etag } = await plain()
      return {
        bytes: await compression.compress(encoding, bytes),
        etag: prefixes[encoding] + etag,
      }
    })
  const forms = new Map(compression.encodings.map((encoding) => [encoding, compressed(encoding)]))
  return async ({ req }, given) => {
    const encoding = encodingFor(req.header('accept-encoding'), compression.encodings)
    const { bytes, etag } = await ((encoding && forms.get(encoding)) ?? plain)()
    const { Vary = '', 'Content-Type': _, ...common } = given
    const headers = {
      ...common,
      ETag: `"${etag}"`,
      Vary: Vary === '' ? 'Accept-Encoding' : `${Vary}, Accept-Encoding`,
    }
    const known = req.header('if-none-match')
    if (known !== undefined && isKnown(known, headers.ETag))
      return new Response(null, { status: 304, headers })
    return new Response(bytes, {
      headers: {
        ...headers,
        'Content-Type': type,
        'Content-Length': String(bytes.byteLength),
        ...(encoding && { 'Content-Encoding': encoding }),
      },
    })
  }
}
