// A bucket behind the S3 API, addressed in the path.
import type { S3Target } from '../config.ts'
import { type Bucket, BucketError } from './bucket.ts'
import { sha256Of } from './digest.ts'
import { createS3Client, NOTHING, type S3Client } from './s3/client.ts'
import { elements, NoSuchKey, piecesOf, required, textOf, withoutFirst } from './s3/responses.ts'
import type { Transport } from './transport.ts'

/** A large object may take a minute, and as long as it takes at the slowest speed. */
const LARGE_MS = 60_000
const SLOWEST_BYTES_PER_MS = 200
const DOWNLOAD_MS = 1_800_000
/** A download of which no byte arrives for so long has ended. */
const SILENCE_MS = 20_000

export const createS3 = (target: S3Target, transport: Transport): Bucket => {
  const { send, sendSmall } = createS3Client(target, transport)
  return {
    read: (key) =>
      unlessMissing(async () => {
        const { text, tag } = await sendSmall({ method: 'GET', key })
        return { text, tag: required(tag) }
      }),
    swap: async (key, text, tag) => {
      const headers = {
        'Content-Type': 'application/json',
        ...(tag === undefined ? { 'If-None-Match': '*' } : { 'If-Match': tag }),
      }
      const body = new TextEncoder().encode(text)
      return required((await sendSmall({ method: 'PUT', key, headers, body })).tag)
    },
    upload: async (key, content, signal) => {
      const { sha256 } = content
      const total = LARGE_MS + Math.ceil(content.bytes / SLOWEST_BYTES_PER_MS)
      await textOf(await send({ method: 'PUT', key, body: content, sha256, total, signal }))
    },
    download: async (key, from = 0) => {
      const headers: Record<string, string> = from === 0 ? {} : { Range: `bytes=${from}-` }
      const sha256 = await sha256Of(NOTHING)
      const limits = { total: DOWNLOAD_MS, silence: SILENCE_MS }
      const response = await send({ method: 'GET', key, headers, sha256, ...limits })
      // A store that does not support ranges sends the whole object.
      return withoutFirst(piecesOf(response), response.status === 206 ? 0 : from)
    },
    list: () => listKeys(sendSmall, target.prefix),
    remove: async (key) => {
      await unlessMissing(() => sendSmall({ method: 'DELETE', key }))
    },
  }
}

/** Undefined if there is no such object. */
const unlessMissing = async <T>(run: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await run()
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

/** All keys behind the prefix, page by page. */
const listKeys = async (sendSmall: S3Client['sendSmall'], prefix: string): Promise<string[]> => {
  const keys: string[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const query = { 'list-type': '2', prefix, ...(next !== '' && { 'continuation-token': next }) }
    const { text } = await sendSmall({ method: 'GET', query })
    if (!/<ListBucketResult/.test(text))
      throw new BucketError('unexpected', 'the bucket answered something else than a list')
    keys.push(...elements(text, 'Key').map((key) => key.slice(prefix.length)))
    const isTruncated = elements(text, 'IsTruncated')[0] === 'true'
    next = isTruncated ? elements(text, 'NextContinuationToken')[0] : undefined
  }
  return keys
}
