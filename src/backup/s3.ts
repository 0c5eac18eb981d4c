// A bucket behind the S3 API: path style, SigV4 by aws4fetch, no checksum headers, redirects of GET followed without credentials.
import { AwsV4Signer } from 'aws4fetch'
import type { S3Target } from '../config.ts'
import { type Bucket, BucketError, type Content } from './bucket.ts'
import { sha256Of } from './digest.ts'

const SMALL_MS = 4_000
/** Large objects: a minute, and what they take at the slowest speed that is worth waiting for. */
const LARGE_MS = 60_000
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
  readonly deadline: number
}

/** Sends a file by PUT, piece by piece. fetch cannot do that on every platform: it takes the whole into memory, or leaves out its length. */
export type SendFile = (url: URL, request: { headers: Headers; content: Content; deadline: number }) => Promise<Response>

export const createS3 = ({ endpoint, region, bucket, prefix, accessKeyId, secretAccessKey }: S3Target, sendFile: SendFile): Bucket => {
  const cache = new Map<string, ArrayBuffer>()
  const base = `${endpoint}/${bucket}`

  /** Any 2xx answer. What S3 says with another one becomes a BucketError. */
  const send = async ({ method, key, query = {}, headers = {}, body, sha256, deadline }: Sent): Promise<Response> => {
    const url = new URL(key === undefined ? base : `${base}/${prefix}${key}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const signed = { ...headers, 'X-Amz-Content-Sha256': sha256 }
    const signer = new AwsV4Signer({ method, url: url.href, headers: signed, accessKeyId, secretAccessKey, service: 's3', region, cache })
    const request = await signer.sign()
    const signal = AbortSignal.timeout(deadline)
    const { url: at, headers: signedHeaders } = request
    const first = await reach(() =>
      body !== undefined && 'path' in body
        ? sendFile(at, { headers: signedHeaders, content: body, deadline })
        : fetch(at, { method, headers: signedHeaders, signal, redirect: 'manual', ...(body && { body }) }),
    )
    const response = method === 'GET' ? await follow(first, url, signal) : first
    if (response.ok) return response
    throw await errorOf(response)
  }
  const small = async (
    sent: Omit<Sent, 'deadline' | 'sha256' | 'body'> & { readonly body?: Uint8Array<ArrayBuffer> },
  ): Promise<{ text: string; tag: string | null }> => {
    const response = await send({ ...sent, sha256: await sha256Of(sent.body ?? EMPTY), deadline: SMALL_MS })
    return { text: await textOf(response), tag: response.headers.get('ETag') }
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
      const headers = { 'Content-Type': 'application/json', ...(tag === undefined ? { 'If-None-Match': '*' } : { 'If-Match': tag }) }
      return required((await small({ method: 'PUT', key, headers, body: new TextEncoder().encode(text) })).tag)
    },
    upload: async (key, content) => {
      const deadline = LARGE_MS + Math.ceil(content.bytes / SLOWEST_BYTES_PER_MS)
      await textOf(await send({ method: 'PUT', key, body: content, sha256: content.sha256, deadline }))
    },
    download: async (key) => {
      const { body } = await send({ method: 'GET', key, sha256: await sha256Of(EMPTY), deadline: LARGE_MS * 30 })
      if (body === null) throw new BucketError('unexpected', 'the bucket answered without a body')
      return body
    },
    list: async () => {
      const keys: string[] = []
      for (let next: string | undefined = ''; next !== undefined; ) {
        const query = { 'list-type': '2', prefix, ...(next !== '' && { 'continuation-token': next }) }
        const { text } = await small({ method: 'GET', query })
        if (!/<ListBucketResult/.test(text)) throw new BucketError('unexpected', 'the bucket answered something else than a list')
        keys.push(...elements(text, 'Key').map((key) => key.slice(prefix.length)))
        next = elements(text, 'IsTruncated')[0] === 'true' ? elements(text, 'NextContinuationToken')[0] : undefined
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
const reach = async (ask: () => Promise<Response>): Promise<Response> => {
  try {
    return await ask()
  } catch (error) {
    throw outOfReach(error)
  }
}

const outOfReach = (error: unknown): BucketError => {
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } }
  const word = name === 'TimeoutError' ? 'it did not answer in time' : String(cause?.code ?? (typeof code === 'string' ? code : name))
  return new BucketError('unavailable', `the bucket cannot be reached (${word})`)
}

const textOf = async (response: Response): Promise<string> => {
  try {
    return await response.text()
  } catch (error) {
    throw outOfReach(error)
  }
}

/** Stores hand out large objects from elsewhere. The signature is for the store alone, so it is not sent on. */
const follow = async (first: Response, from: URL, signal: AbortSignal): Promise<Response> => {
  let [response, url] = [first, from]
  for (let hops = 0; [301, 302, 303, 307, 308].includes(response.status) && hops < REDIRECTS; hops++) {
    const location = response.headers.get('Location')
    if (location === null) return response
    url = new URL(location, url)
    if (url.protocol !== from.protocol && url.protocol !== 'https:') throw new BucketError('unexpected', 'the bucket leads away from https')
    await response.body?.cancel()
    const next = url
    response = await reach(() => fetch(next, { signal, redirect: 'manual' }))
  }
  return response
}

const errorOf = async (response: Response): Promise<BucketError> => {
  const { status } = response
  const code = elements(await textOf(response).catch(() => ''), 'Code')[0]
  const said = code !== undefined && /^\w{1,60}$/.test(code) ? `${status} ${code}` : String(status)
  if (status === 404 && code === 'NoSuchKey') return new NoSuchKey()
  if (status === 404) return new BucketError('no_bucket', `the bucket is not there (${said})`)
  if (status === 401 || status === 403) return new BucketError('forbidden', `the bucket does not let this key in (${said})`)
  if (status === 412 || status === 409) return new BucketError('conflict', `somebody else was faster (${said})`)
  if (status >= 500 || status === 429 || status === 408) return new BucketError('unavailable', `the bucket cannot serve now (${said})`)
  return new BucketError('unexpected', `the bucket answered ${said}`)
}

const required = (tag: string | null): string => {
  if (tag === null) throw new BucketError('unexpected', 'the bucket answers without an ETag')
  return tag
}

const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&'),
  )
