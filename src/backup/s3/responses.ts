// What an S3 store answers: bodies, errors and lists.
import { BucketError } from '../bucket.ts'
import type { TransportResponse } from '../transport.ts'

export class NoSuchKey extends BucketError {
  constructor() {
    super('unexpected', 'there is no such object in the bucket')
  }
}

/** The response, or the network's error as a BucketError. */
export const reach = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (error) {
    throw outOfReach(error)
  }
}

const outOfReach = (error: unknown): BucketError => {
  const { name, code } = error as { name?: string; code?: unknown }
  const word =
    code === 'ETIMEDOUT' ? 'it did not answer in time' : typeof code === 'string' ? code : name
  return new BucketError('unavailable', `the bucket cannot be reached (${word})`)
}

/** The body. Throws BucketError when the connection ends early. */
export async function* piecesOf({ body }: TransportResponse): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw outOfReach(error)
  }
}

export async function* withoutFirst(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const piece of pieces) {
    if (left < piece.length) yield piece.subarray(left)
    left = Math.max(0, left - piece.length)
  }
}

export const textOf = async (answer: TransportResponse): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of piecesOf(answer)) text += decoder.decode(piece, { stream: true })
  return text + decoder.decode()
}

export const errorOf = async (answer: TransportResponse): Promise<BucketError> => {
  const { status } = answer
  const code = elements(await textOf(answer).catch(() => ''), 'Code')[0]
  const said = code !== undefined && /^\w{1,60}$/.test(code) ? `${status} ${code}` : String(status)
  if (status === 404 && code === 'NoSuchKey') return new NoSuchKey()
  if (status === 404) return new BucketError('no_bucket', `the bucket is not there (${said})`)
  if (status === 401 || status === 403)
    return new BucketError('forbidden', `the bucket does not let this key in (${said})`)
  if (status === 412 || status === 409)
    return new BucketError('conflict', `another process was faster (${said})`)
  if (status >= 500 || status === 429 || status === 408)
    return new BucketError('unavailable', `the bucket cannot serve now (${said})`)
  return new BucketError('unexpected', `the bucket answered ${said}`)
}

export const required = (tag: string | null): string => {
  if (tag === null) throw new BucketError('unexpected', 'the bucket answers without an ETag')
  return tag
}

/** The texts of the XML elements with this name. */
export const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  )
