// Signed requests to an S3 store: SigV4 by aws4fetch, without checksum headers.
import { AwsV4Signer } from 'aws4fetch'
import type { S3Target } from '../../config.ts'
import { BucketError, type Content } from '../bucket.ts'
import { sha256Of } from '../digest.ts'
import type { Transport, TransportRequest, TransportResponse } from '../transport.ts'
import { errorOf, reach, textOf } from './responses.ts'

const SMALL_MS = 4_000
const REDIRECTS = 5

type S3Request = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer> | Content
  readonly sha256: string
  /** Milliseconds. `silence` is the same as `total` if it is not given. */
  readonly total: number
  readonly silence?: number
  readonly signal?: AbortSignal | undefined
}

type SmallRequest = Pick<S3Request, 'method' | 'key' | 'query' | 'headers'> & {
  readonly body?: Uint8Array<ArrayBuffer>
}

export type S3Client = {
  /** Resolves with a 2xx response. Any other one becomes a BucketError. */
  send(request: S3Request): Promise<TransportResponse>
  /** The same for a small body and a small response. */
  sendSmall(request: SmallRequest): Promise<{ text: string; tag: string | null }>
}

export const NOTHING = new Uint8Array()

export const createS3Client = (target: S3Target, transport: Transport): S3Client => {
  const cache = new Map<string, ArrayBuffer>()
  const send = async (request: S3Request): Promise<TransportResponse> => {
    const { total, silence = total, signal, method } = request
    const limits = { total, silence, signal }
    const { url, signed } = await sign(target, request, cache)
    const response = await reach(transport({ ...signed, ...limits }))
    // Stores redirect reads of large objects to other hosts. The signature is for the store alone,
    // so it is not sent there.
    const headers = request.headers ?? {}
    const follow = (to: URL) => reach(transport({ method, url: to, headers, ...limits }))
    const last = method === 'GET' ? await followRedirects(response, url, follow) : response
    if (last.status >= 200 && last.status < 300) return last
    throw await errorOf(last)
  }
  return {
    send,
    sendSmall: async (request) => {
      const sha256 = await sha256Of(request.body ?? NOTHING)
      const response = await send({ ...request, sha256, total: SMALL_MS })
      return { text: await textOf(response), tag: response.header('ETag') }
    },
  }
}

type Signed = {
  readonly url: URL
  readonly signed: Pick<TransportRequest, 'method' | 'url' | 'headers' | 'body'>
}

const sign = async (
  { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey }: S3Target,
  { method, key, query = {}, headers = {}, body, sha256 }: S3Request,
  cache: Map<string, ArrayBuffer>,
): Promise<Signed> => {
  const base = `${endpoint}/${bucket}`
  const url = new URL(key === undefined ? base : `${base}/${prefix}${key}`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, 'X-Amz-Content-Sha256': sha256 },
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region,
    cache,
  })
  const signed = await signer.sign()
  return {
    url,
    signed: {
      method,
      url: signed.url,
      headers: Object.fromEntries(signed.headers),
      ...(body && { body }),
    },
  }
}

const followRedirects = async (
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
