// A bucket behind the S3 API: path style, SigV4 by aws4fetch, no checksum headers, redirects of GET
// followed without credentials.
import { AwsV4Signer } from 'aws4fetch'
import type { S3Target } from '../config.ts'
import { type Bucket, BucketError, type Content } from './bucket.ts'
import { sha256Of } from './digest.ts'
import type { Transport, TransportResponse } from './transport.ts'

const SMALL_MS = 4_000
/** Large objects: a minute, and what they take at the slowest speed that is worth waiting for. */
const LARGE_MS = 60_000
const DOWNLOAD_MS = 1_800_000
/** A download of which nothing comes for so long has ended. */
const SILENCE_MS = 20_000
const SLOWEST_BYTES_PER_MS = 200
const REDIRECTS = 5
const EMPTY = new Uint8Array()

type Sent = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer> | Content
  readonly sha256: string
  /** Milliseconds; `silence` is `total` without it. */
  readonly total: number
  readonly silence?: number
  readonly signal?: AbortSignal | undefined
}

export const createS3 = (
  { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey }: S3Target,
  ask: Transport,
): Bucket => {
  const cache = new Map<string, ArrayBuffer>()
  const base = `${endpoint}/${bucket}`

  /** Any 2xx answer. What S3 says with another one becomes a BucketError. */
  const send = async ({
    method,
    key,
    query = {},
    headers = {},
    body,
    sha256,
    total,
    silence = total,
    signal,
  }: Sent): Promise<TransportResponse> => {
    const url = new URL(key === undefined ? base : `${base}/${prefix}${key}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const signed = { ...headers, 'X-Amz-Content-Sha256': sha256 }
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: signed,
      accessKeyId,
      secretAccessKey,
      service: 's3',
      region,
      cache,
    })
    const request = await signer.sign()
    const within = { total, silence, signal }
    const sent = {
      method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      ...(body && { body }),
      ...within,
    }
    const first = await reach(ask(sent))
    // Stores hand out large objects from elsewhere. The signature is for the store alone, so it is
    // not sent on.
    const follow = (to: URL) => reach(ask({ method, url: to, headers, ...within }))
    const answer = method === 'GET' ? await followed(first, url, follow) : first
    if (answer.status >= 200 && answer.status < 300) return answer
    throw await errorOf(answer)
  }
  const small = async (
    sent: Omit<Sent, 'total' | 'sha256' | 'body'> & { readonly body?: Uint8Array<ArrayBuffer> },
  ): Promise<{ text: string; tag: string | null }> => {
    const answer = await send({
      ...sent,
      sha256: await sha256Of(sent.body ?? EMPTY),
      total: SMALL_MS,
    })
    return { text: await textOf(answer), tag: answer.header('ETag') }
  }

  return {
    read: async (key) => {
      try {
        const { text, tag } = await small({ method: 'GET', key })
        return { text, tag: required(tag) }
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
    swap: async (key, text, tag) => {
      const headers = {
        'Content-Type': 'application/json',
        ...(tag === undefined ? { 'If-None-Match': '*' } : { 'If-Match': tag }),
      }
      return required(
        (await small({ method: 'PUT', key, headers, body: new TextEncoder().encode(text) })).tag,
      )
    },
    upload: async (key, content, signal) => {
      const total = LARGE_MS + Math.ceil(content.bytes / SLOWEST_BYTES_PER_MS)
      await textOf(
        await send({ method: 'PUT', key, body: content, sha256: content.sha256, total, signal }),
      )
    },
    download: async (key, from = 0) => {
      const headers: Record<string, string> = from === 0 ? {} : { Range: `bytes=${from}-` }
      const sha256 = await sha256Of(EMPTY)
      const answer = await send({
        method: 'GET',
        key,
        headers,
        sha256,
        total: DOWNLOAD_MS,
        silence: SILENCE_MS,
      })
      // A store that knows no ranges sends the whole.
      return withoutFirst(piecesOf(answer), answer.status === 206 ? 0 : from)
    },
    list: async () => {
      const keys: string[] = []
      for (let next: string | undefined = ''; next !== undefined; ) {
        const query = {
          'list-type': '2',
          prefix,
          ...(next !== '' && { 'continuation-token': next }),
        }
        const { text } = await small({ method: 'GET', query })
        if (!/<ListBucketResult/.test(text))
          throw new BucketError('unexpected', 'the bucket answered something else than a list')
        keys.push(...elements(text, 'Key').map((key) => key.slice(prefix.length)))
        next =
          elements(text, 'IsTruncated')[0] === 'true'
            ? elements(text, 'NextContinuationToken')[0]
            : undefined
      }
      return keys
    },
    remove: async (key) => {
      try {
        await small({ method: 'DELETE', key })
      } catch (error) {
        if (!(error instanceof NoSuchKey)) throw error
      }
    },
  }
}

class NoSuchKey extends BucketError {
  constructor() {
    super('unexpected', 'there is no such object in the bucket')
  }
}

/** An answer, or what the network says as a BucketError. */
const reach = async <T>(answer: Promise<T>): Promise<T> => {
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

async function* piecesOf({ body }: TransportResponse): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw outOfReach(error)
  }
}

async function* withoutFirst(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const piece of pieces) {
    if (left < piece.length) yield piece.subarray(left)
    left = Math.max(0, left - piece.length)
  }
}

const textOf = async (answer: TransportResponse): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of piecesOf(answer)) text += decoder.decode(piece, { stream: true })
  return text + decoder.decode()
}

const followed = async (
  first: TransportResponse,
  from: URL,
  follow: (to: URL) => Promise<TransportResponse>,
): Promise<TransportResponse> => {
  let [answer, url] = [first, from]
  for (
    let hops = 0;
    [301, 302, 303, 307, 308].includes(answer.status) && hops < REDIRECTS;
    hops++
  ) {
    const location = answer.header('Location')
    if (location === null) return answer
    answer.discard()
    url = new URL(location, url)
    if (url.protocol !== from.protocol && url.protocol !== 'https:')
      throw new BucketError('unexpected', 'the bucket leads away from https')
    answer = await follow(url)
  }
  return answer
}

const errorOf = async (answer: TransportResponse): Promise<BucketError> => {
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

const required = (tag: string | null): string => {
  if (tag === null) throw new BucketError('unexpected', 'the bucket answers without an ETag')
  return tag
}

const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  )
